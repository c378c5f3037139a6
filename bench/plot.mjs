/** The ratios as a picture: a dot for each with its spread, on a green band where the target holds. */
import * as vega from 'vega';
import { compared, wanted } from './report.mjs';

const LINE = 21;
const WIDTH = 420;
const LABELS = 590;
const COLORS = { holds: '#1a7f37', missed: '#cf222e', none: '#57606a' };

/** What is drawn, a line each: the titles of groups and the ratios. Differences are no ratios. */
function linesOf(groups) {
  const lines = [];
  for (const [group, results] of Object.entries(groups)) {
    const ratios = results.flatMap(({ title, targets }) =>
      targets
        .filter(({ value, way }) => value !== undefined && way !== 'difference')
        .map((target) => ({ title, ...target })),
    );
    if (ratios.length > 0) lines.push({ group }, ...ratios);
  }
  return lines.map((line, index) => ({ ...line, y: (index + 0.5) * LINE }));
}

/** From a half to twice at least, and all that is to be seen. */
function domainOf(ratios) {
  const values = ratios.flatMap(({ low, high, atMost, atLeast }) => [low, high, atMost ?? 1, atLeast ?? 1]);
  return [Math.min(0.5, ...values) / 1.2, Math.max(2, ...values) * 1.2];
}

const kindOf = (holds) => (holds === undefined ? 'none' : holds ? 'holds' : 'missed');

/** @param {import('./report.mjs').Groups} groups @returns {Promise<string>} an SVG */
export async function plot(groups) {
  const lines = linesOf(groups);
  const titles = lines.filter(({ group }) => group !== undefined);
  const [least, most] = domainOf(lines.filter(({ group }) => group === undefined));
  const ratios = lines
    .filter(({ group }) => group === undefined)
    .map((line, index, all) => ({
      ...line,
      title: all[index - 1]?.title === line.title ? '' : line.title,
      label: compared(line),
      color: COLORS[kindOf(line.holds)],
      good: { from: line.atLeast ?? least, to: line.atMost ?? most, known: line.holds !== undefined },
      text: line.value.toFixed(3),
      wanted: line.holds === undefined ? 'no target' : wanted(line),
    }));
  const height = lines.length * LINE;
  const x = (field) => ({ scale: 'x', field });
  const y = (offset = 0) => ({ field: 'y', offset });
  const text = (field, encode) => ({
    type: 'text',
    from: { data: 'ratios' },
    encode: {
      enter: { y: y(), text: { field }, baseline: { value: 'middle' }, fontSize: { value: 11 }, ...encode },
    },
  });
  const spec = {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    width: WIDTH,
    height,
    padding: { left: LABELS, right: 130, top: 50, bottom: 15 },
    autosize: 'none',
    background: 'white',
    config: { text: { font: 'sans-serif' }, axis: { labelFont: 'sans-serif', titleFont: 'sans-serif' } },
    data: [
      { name: 'titles', values: titles },
      { name: 'ratios', values: ratios },
    ],
    scales: [{ name: 'x', type: 'log', domain: [least, most], range: 'width', nice: false, zero: false }],
    axes: [
      {
        scale: 'x',
        orient: 'top',
        grid: true,
        gridColor: '#eaeef2',
        values: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20].filter((value) => value >= least && value <= most),
        format: '~g',
        title: 'ours / peer: the median and, as a line, all rounds; on the green the target holds',
        titleFontWeight: 'normal',
      },
    ],
    marks: [],
  };
  spec.marks = [
    {
      type: 'rect',
      from: { data: 'ratios' },
      encode: {
        enter: {
          x: x('good.from'),
          x2: x('good.to'),
          y: y(-LINE * 0.4),
          y2: y(LINE * 0.4),
          fill: { value: '#dafbe1' },
          opacity: { signal: 'datum.good.known ? 1 : 0' },
        },
      },
    },
    {
      type: 'rule',
      encode: {
        enter: {
          x: { scale: 'x', value: 1 },
          y: { value: 0 },
          y2: { value: height },
          stroke: { value: '#8c959f' },
        },
      },
    },
    {
      type: 'rule',
      from: { data: 'ratios' },
      encode: {
        enter: { x: x('low'), x2: x('high'), y: y(), stroke: { field: 'color' }, strokeWidth: { value: 2 } },
      },
    },
    {
      type: 'symbol',
      from: { data: 'ratios' },
      encode: { enter: { x: x('value'), y: y(), fill: { field: 'color' }, size: { value: 50 } } },
    },
    {
      type: 'text',
      from: { data: 'titles' },
      encode: {
        enter: {
          x: { value: 10 - LABELS },
          y: y(2),
          text: { field: 'group' },
          fontWeight: { value: 'bold' },
          fontSize: { value: 13 },
          baseline: { value: 'middle' },
        },
      },
    },
    text('title', { x: { value: 10 - LABELS } }),
    text('label', { x: { value: -10 }, align: { value: 'right' }, fill: { value: '#57606a' } }),
    text('text', { x: { value: WIDTH + 10 }, fill: { field: 'color' }, fontWeight: { value: 'bold' } }),
    text('wanted', { x: { value: WIDTH + 60 }, fill: { value: '#57606a' } }),
  ];
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
