/**
 * The constants against four witnesses that do not know the list: the addon that was built from it, the
 * headers of this machine through its C compiler, CPython, and the names that CPython 3.14 and 3.15 add.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as socket from 'bsd-socket';
import { describe, expect, it } from 'vitest';

type Values = Record<string, number | string>;

const exported = socket as unknown as Values;

/** The groups of binding/constants.list, each a list of names with the numbers they have on Linux. */
const groups = readFileSync(new URL('../binding/constants.list', import.meta.url), 'utf8')
  .split('\n\n')
  .slice(1)
  .map((group) => {
    const [title = '', ...lines] = group.trimEnd().split('\n');
    const entries = lines.map((line) => {
      const [name = '', value = ''] = line.split(' ');
      return [name, value.startsWith('"') ? value.slice(1, -1) : Number(value)] as const;
    });
    return { title: title.slice(2), entries };
  });
const list: Values = Object.fromEntries(groups.flatMap(({ entries }) => entries));
const names = Object.keys(list);

/** What the two disagree on, as lines to read: one failed assertion shows every wrong name at once. */
function differences(expected: Values, actual: Values): string[] {
  return Object.keys(expected)
    .filter((name) => actual[name] !== expected[name])
    .map((name) => `${name} is ${actual[name]}, expected ${expected[name]}`);
}

const words = (text: string) => text.trim().split(/\s+/);

function run(command: string, args: string[], input = ''): string {
  const options = { input, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const has = (command: string) => spawnSync(command, ['--version']).status === 0;

describe('the list', () => {
  // NI_MAXHOST and SOMAXCONN are libc's own numbers, and musl has others.
  it.skipIf(!['x64', 'arm64'].includes(process.arch))('is what the addon exports (x64 and arm64)', () => {
    expect(differences(list, exported)).toEqual([]);
  });

  it('is sorted by name, errno by number with the aliases at its end', () => {
    for (const { title, entries } of groups) {
      const keys: (string | number)[] = title.startsWith('errno:')
        ? [...new Set(entries.map(([, value]) => value))]
        : entries.map(([name]) => name);
      expect(keys, title).toEqual(keys.toSorted((a, b) => (a < b ? -1 : 1)));
    }
  });
});

/**
 * Headers that do not fit into one file: libc's and the kernel's declare the same structures. `__has_include`
 * lets an older machine check what it has.
 */
const UNITS: Record<string, string> = {
  libc: `
    errno.h limits.h net/ethernet.h net/if.h net/if_arp.h netatalk/at.h netax25/ax25.h netdb.h
    netinet/icmp6.h netinet/if_ether.h netinet/in.h netinet/ip.h netinet/ip_icmp.h netinet/tcp.h
    netinet/udp.h netipx/ipx.h netpacket/packet.h netrom/netrom.h netrose/rose.h poll.h sys/epoll.h
    sys/ioctl.h sys/socket.h sys/uio.h sys/un.h`,
  kernel: `
    asm/errno.h asm/ioctls.h asm/socket.h linux/can.h linux/can/bcm.h linux/can/error.h linux/can/isotp.h
    linux/can/j1939.h linux/can/raw.h linux/eventpoll.h linux/filter.h linux/genetlink.h linux/icmp.h
    linux/icmpv6.h linux/if.h linux/if_addr.h linux/if_alg.h linux/if_arp.h linux/if_ether.h
    linux/if_link.h linux/if_packet.h linux/if_pppox.h linux/if_xdp.h linux/in.h linux/in6.h linux/ipv6.h
    linux/limits.h linux/neighbour.h linux/net_tstamp.h linux/netfilter_ipv4.h linux/netlink.h
    linux/qrtr.h linux/rds.h linux/rtnetlink.h linux/sock_diag.h linux/sockios.h linux/tcp.h linux/tipc.h
    linux/tls.h linux/udp.h linux/un.h linux/vm_sockets.h`,
  'kernel beside libc': `
    net/if.h netinet/in.h sys/ioctl.h time.h linux/errqueue.h linux/mptcp.h
    linux/netfilter_ipv6/ip6_tables.h linux/sctp.h`,
  bluetooth: `bluetooth/bluetooth.h bluetooth/hci.h bluetooth/l2cap.h bluetooth/rfcomm.h bluetooth/sco.h`,
};

/** Compiles and runs a C program that prints every name of the list which these headers know. */
function valuesInC(headers: string, folder: string): Values {
  const include = words(headers).map(
    (header) => `#if __has_include(<${header}>)\n#include <${header}>\n#endif\n`,
  );
  const source = `#define _GNU_SOURCE 1\n#include <stdio.h>\n${include.join('')}`;
  // After -dD a macro stands in its own #define line and an enumerator as a word in the text.
  const known = new Set<string>();
  for (const line of run('cc', ['-E', '-dD', '-'], source).split('\n')) {
    const macro = /^#define (\w+) /.exec(line);
    if (macro?.[1] !== undefined) known.add(macro[1]);
    else if (!line.startsWith('#')) for (const word of line.match(/\b[A-Z]\w+\b/g) ?? []) known.add(word);
  }
  const prints = names
    .filter((name) => known.has(name) && typeof list[name] === 'number')
    .map((name) => `  printf("%s %lld\\n", "${name}", (long long)(${name}));\n`);
  const program = join(folder, 'print');
  writeFileSync(`${program}.c`, `${source}int main(void) {\n${prints.join('')}  return 0;\n}\n`);
  run('cc', ['-w', '-o', program, `${program}.c`]);
  const lines = run(program, []).trimEnd().split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
}

describe('the headers of this machine', () => {
  it.skipIf(!has('cc'))('have the numbers of the list (skipped without a C compiler)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'constants-'));
    try {
      const checked = new Set<string>();
      for (const [unit, headers] of Object.entries(UNITS)) {
        const values = valuesInC(headers, folder);
        expect(differences(values, exported), unit).toEqual([]);
        for (const name of Object.keys(values)) checked.add(name);
      }
      // Debian 12 with Linux 6.1 knows 2,394 of the 2,642 names; an older machine fewer.
      expect(checked.size).toBeGreaterThan(1_000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

interface PythonConstants {
  version: [major: number, minor: number];
  socket: Values;
  errno: Values;
  select: Values;
}

const DUMP = `
import errno, json, select, socket, sys
def constants(module):
    return {name: value if isinstance(value, str) else int(value) for name, value in vars(module).items()
            if name[0].isupper() and isinstance(value, (int, str))}
print(json.dumps({'version': sys.version_info[:2], 'socket': constants(socket), 'errno': constants(errno),
                  'select': constants(select)}))
`;

/** The constants of the newest CPython: the one in PATH, or one of pyenv's. */
function newestPython(): PythonConstants | undefined {
  const versions = join(process.env.PYENV_ROOT || join(homedir(), '.pyenv'), 'versions');
  let folders: string[] = [];
  try {
    folders = readdirSync(versions);
  } catch {
    // There is no pyenv here.
  }
  const pythons = ['python3', ...folders.map((folder) => join(versions, folder, 'bin', 'python3'))];
  return pythons
    .map((python) => spawnSync(python, ['-c', DUMP], { encoding: 'utf8' }))
    .filter(({ status }) => status === 0)
    .map(({ stdout }) => JSON.parse(stdout) as PythonConstants)
    .sort((a, b) => b.version[1] - a.version[1])[0];
}

const python = newestPython();

describe('CPython', () => {
  const skip = it.skipIf(python === undefined);

  skip('has no constant in socket that is missing or different here (skipped without python3)', () => {
    expect(Object.keys(python!.socket).length).toBeGreaterThan(300);
    expect(differences(python!.socket, exported)).toEqual([]);
  });

  skip('has no errno that is missing or different here (skipped without python3)', () => {
    expect(Object.keys(python!.errno).length).toBeGreaterThan(130);
    expect(differences(python!.errno, exported)).toEqual([]);
  });

  skip('has no event in select that is missing or different here (skipped without python3)', () => {
    expect(Object.keys(python!.select)).toContain('EPOLLET');
    expect(differences(python!.select, exported)).toEqual([]);
  });

  it('calls hasIPv6 has_ipv6', () => {
    expect(exported.hasIPv6).toBeTypeOf('boolean');
  });
});

/** Names that the Pythons around may lack: a build has only those that its headers had. */
const PYTHON_NAMES = {
  'of a 3.13 built with every header': `
    AF_BLUETOOTH BDADDR_ANY BDADDR_LOCAL BTPROTO_HCI BTPROTO_L2CAP BTPROTO_RFCOMM BTPROTO_SCO
    CAN_RAW_ERR_FILTER HCI_DATA_DIR HCI_FILTER HCI_TIME_STAMP IPX_TYPE RDS_CANCEL_SENT_TO
    RDS_CMSG_RDMA_ARGS RDS_CMSG_RDMA_DEST RDS_CMSG_RDMA_MAP RDS_CMSG_RDMA_STATUS RDS_CONG_MONITOR
    RDS_FREE_MR RDS_GET_MR RDS_GET_MR_FOR_DEST RDS_RDMA_DONTWAIT RDS_RDMA_FENCE RDS_RDMA_INVALIDATE
    RDS_RDMA_NOTIFY_ME RDS_RDMA_READWRITE RDS_RDMA_SILENT RDS_RDMA_USE_ONCE RDS_RECVERR SOL_ATALK SOL_AX25
    SOL_HCI SOL_IPX SOL_NETROM SOL_ROSE`,
  'that 3.14 adds': `
    BDADDR_BREDR BDADDR_LE_PUBLIC BDADDR_LE_RANDOM BT_CHANNEL_POLICY BT_CHANNEL_POLICY_BREDR_ONLY
    BT_CHANNEL_POLICY_BREDR_PREFERRED BT_CODEC BT_DEFER_SETUP BT_FLUSHABLE BT_FLUSHABLE_OFF
    BT_FLUSHABLE_ON BT_ISO_QOS BT_MODE BT_MODE_BASIC BT_MODE_ERTM BT_MODE_EXT_FLOWCTL BT_MODE_LE_FLOWCTL
    BT_MODE_STREAMING BT_PHY BT_PHY_BR_1M_1SLOT BT_PHY_BR_1M_3SLOT BT_PHY_BR_1M_5SLOT BT_PHY_EDR_2M_1SLOT
    BT_PHY_EDR_2M_3SLOT BT_PHY_EDR_2M_5SLOT BT_PHY_EDR_3M_1SLOT BT_PHY_EDR_3M_3SLOT BT_PHY_EDR_3M_5SLOT
    BT_PHY_LE_1M_RX BT_PHY_LE_1M_TX BT_PHY_LE_2M_RX BT_PHY_LE_2M_TX BT_PHY_LE_CODED_RX BT_PHY_LE_CODED_TX
    BT_PKT_STATUS BT_POWER BT_POWER_FORCE_ACTIVE_OFF BT_POWER_FORCE_ACTIVE_ON BT_RCVMTU BT_SECURITY
    BT_SECURITY_FIPS BT_SECURITY_HIGH BT_SECURITY_LOW BT_SECURITY_MEDIUM BT_SECURITY_SDP BT_SNDMTU
    BT_VOICE BT_VOICE_CVSD_16BIT BT_VOICE_TRANSPARENT BT_VOICE_TRANSPARENT_16BIT EPOLLWAKEUP
    HCI_CHANNEL_CONTROL HCI_CHANNEL_LOGGING HCI_CHANNEL_MONITOR HCI_CHANNEL_RAW HCI_CHANNEL_USER
    HCI_DEV_NONE IP_FREEBIND IP_RECVERR IP_RECVORIGDSTADDR IP_RECVTTL IPV6_RECVERR L2CAP_LM L2CAP_LM_AUTH
    L2CAP_LM_ENCRYPT L2CAP_LM_MASTER L2CAP_LM_RELIABLE L2CAP_LM_SECURE L2CAP_LM_TRUSTED SO_ORIGINAL_DST
    SOL_BLUETOOTH SOL_L2CAP SOL_RFCOMM SOL_SCO VMADDR_CID_LOCAL`,
  'that 3.15 adds': `
    CAN_ISOTP_CHK_PAD_DATA CAN_ISOTP_CHK_PAD_LEN CAN_ISOTP_DEFAULT_EXT_ADDRESS CAN_ISOTP_DEFAULT_FLAGS
    CAN_ISOTP_DEFAULT_FRAME_TXTIME CAN_ISOTP_DEFAULT_LL_MTU CAN_ISOTP_DEFAULT_LL_TX_DL
    CAN_ISOTP_DEFAULT_LL_TX_FLAGS CAN_ISOTP_DEFAULT_PAD_CONTENT CAN_ISOTP_DEFAULT_RECV_BS
    CAN_ISOTP_DEFAULT_RECV_STMIN CAN_ISOTP_DEFAULT_RECV_WFTMAX CAN_ISOTP_EXTEND_ADDR
    CAN_ISOTP_FORCE_RXSTMIN CAN_ISOTP_FORCE_TXSTMIN CAN_ISOTP_HALF_DUPLEX CAN_ISOTP_LISTEN_MODE
    CAN_ISOTP_LL_OPTS CAN_ISOTP_OPTS CAN_ISOTP_RECV_FC CAN_ISOTP_RX_EXT_ADDR CAN_ISOTP_RX_PADDING
    CAN_ISOTP_RX_STMIN CAN_ISOTP_SF_BROADCAST CAN_ISOTP_TX_PADDING CAN_ISOTP_TX_STMIN
    CAN_ISOTP_WAIT_TX_DONE IPV6_HDRINCL SOL_CAN_ISOTP`,
};

describe('the names of Python', () => {
  it.each(Object.entries(PYTHON_NAMES))('%s are all here', (_, text) => {
    expect(words(text).filter((name) => !(name in exported))).toEqual([]);
  });
});
