/** Roster: who is there, where many come and go. */
import { expect, test } from 'vitest';
import { Roster } from '../dist/asyncio/roster.js';

const named = (name: string) => ({ name, place: -1 });
type Member = ReturnType<typeof named>;
const names = (roster: Roster<Member>) => [...roster].map(({ name }) => name).sort();

test('has those that were added and not removed, in any order of removing', () => {
  // Orders of removing four members: first, last, middle, the one that took another's place.
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
    [0, 3, 1, 2],
  ]) {
    const roster = new Roster<Member>();
    const members = ['a', 'b', 'c', 'd'].map(named);
    for (const member of members) roster.add(member);
    expect(names(roster)).toEqual(['a', 'b', 'c', 'd']);
    const left = new Set(members);
    for (const index of order) {
      roster.remove(members[index]!);
      left.delete(members[index]!);
      expect(names(roster)).toEqual([...left].map(({ name }) => name).sort());
      expect([roster.size, members[index]!.place]).toEqual([left.size, -1]);
    }
  }
});

test('to remove who is not there changes nothing', () => {
  const roster = new Roster<Member>();
  const [first, second] = [named('first'), named('second')];
  roster.remove(first);
  roster.add(first);
  roster.remove(second);
  expect(names(roster)).toEqual(['first']);
  roster.remove(first);
  roster.remove(first);
  expect([...roster]).toEqual([]);
  roster.add(first);
  expect(names(roster)).toEqual(['first']);
});

test('who comes and goes during an iteration does not disturb it', () => {
  const roster = new Roster<Member>();
  const members = ['a', 'b', 'c'].map(named);
  for (const member of members) roster.add(member);
  const seen: string[] = [];
  for (const member of roster) {
    seen.push(member.name);
    roster.remove(member);
    roster.add(named(`${member.name}2`));
  }
  expect(seen.sort()).toEqual(['a', 'b', 'c']);
  expect(names(roster)).toEqual(['a2', 'b2', 'c2']);
});
