#!/usr/bin/env python3
"""Breaks the rules of lines one at a time, and shows that the simulation notices.

usage: mutants.py [-n SCHEDULES] [NAME...]

Each mutant is the tree with one rule broken, built in a folder of its own; a profile after
the other runs until one fails. Exit status 1: a mutant lived. Not part of `make test`.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILES = ['holes', 'crossing', 'memoranda', 'crashes', 'restores', 'partitions', 'enemy network',
            'enemy peer', 'enemy among three']

# name: file, what it says, what it says instead, the profile that is likely to see it
MUTANTS = {
    'a beat claims one message too many': (
        'collect.c', '.have = h->peer_seq,', '.have = h->peer_seq + 1,', 'crossing'),
    'a receipt is taken without its hash': (
        'confirm.c', 'if (memcmp(m.hash, r->envelope, KEY_HASH_SIZE) != 0)', 'if (false)',
        'enemy peer'),
    'a receipt is taken without its signature': (
        'confirm.c', 'else if (is_good && verify(t, &envelope, ENVELOPE_RECEIPT))',
        'else if (is_good)', 'enemy network'),
    'a receipt names another entry of the ledger': (
        'keep.c', '.ledger_index = (int64_t)index,', '.ledger_index = (int64_t)index + 1,',
        'crossing'),
    'n+1 is applied before n': (
        'receive.c', 'else if (in.m.seq > h->peer_seq + 1 || h->is_forked)',
        'else if (in.m.seq > h->peer_seq + 2 || h->is_forked)', 'partitions'),
    'the hash of the one before is not compared': (
        'receive.c', 'if (memcmp(in->m.prev, t->row->hot.peer_hash, KEY_HASH_SIZE) != 0)',
        'if (false)', 'enemy peer'),
    'another word under an old number is a duplicate': (
        'receive.c',
        'if (found && memcmp(known.hash, in->envelope.hash, KEY_HASH_SIZE) == 0) {',
        'if (found) {', 'enemy peer'),
    'what follows a contradiction is applied': (
        'receive.c', 't->row->hot.is_forked = 1;', 't->row->hot.is_forked = 0;', 'enemy peer'),
    'the last message is taken twice': (
        'receive.c', 'else if (in.m.seq <= h->peer_seq)', 'else if (in.m.seq < h->peer_seq)',
        'crossing'),
    'a message needs no signature': (
        'receive.c', """    if (!verify(in, t->row->cold.peer_key)) {
        t->out->refused++;
        return TF_OK;
    }
    if (memcmp""", '    if (memcmp', 'enemy peer'),
    'early danger does not ring': (
        'receive.c', 'if (!is_danger(m->type) ||', 'if (true ||', 'enemy peer'),
    'a beat need not be fresh': (
        'confirm.c', 't->is_good = beat->at_us >= now_us - skew_us;', 't->is_good = true;',
        'enemy network'),
    'a beat need not be later than the last': (
        'confirm.c', 'bool is_later = beat->at_us > last_us ||', 'bool is_later = true ||',
        'holes'),
    'every post is answered': (
        'take.c', 'out->may_answer = t->is_good || out->applied > 0;', 'out->may_answer = true;',
        'enemy network'),
    'the other never has less than it had': (
        'confirm.c', 'h->peer_have = beat->have < h->own_seq ? beat->have : h->own_seq;',
        'if (beat->have > h->peer_have) h->peer_have = beat->have < h->own_seq ? beat->have : '
        'h->own_seq;', 'restores'),
    'own messages that were lost are not asked back': (
        'confirm.c', 'if (beat->have > h->own_seq)', 'if (false)', 'restores'),
    'who waits for its own messages may speak': (
        'say.c', 'if ((row->hot.return_from > 0 || row->cold.is_wary) && type != MESSAGE_CLOSE)',
        'if (false)', 'holes'),
    'what speaks of lost words is void': (
        'act.c', '        act->verdict = ACT_ASIDE;\n    return TF_OK;', '    return TF_OK;',
        'restores'),
    'a stance is not asked': (
        'act.c', '    return check_ordinary(act, mine, other);',
        '    return act->is_own ? check_ordinary(act, mine, other) : TF_OK;', 'enemy peer'),
    'who is open can resume': (
        'state.c', '[STANCE_OPEN] = {NO, STANCE_SUSPENDED, NO, STANCE_CLOSED},',
        '[STANCE_OPEN] = {NO, STANCE_SUSPENDED, STANCE_OPEN, STANCE_CLOSED},', 'crossing'),
    'one suspension is not enough': (
        'state.c', 'if (own == STANCE_SUSPENDED || peer == STANCE_SUSPENDED)',
        'if (own == STANCE_SUSPENDED && peer == STANCE_SUSPENDED)', 'crossing'),
    'two documents of a number are accepted': (
        'memo_act.c', ('        if (actor(act, &x)->accepted)\n            act_refuse(',
                       'if (!rc && memo.number != agreed + 1)'),
        ('        if (false)\n            act_refuse(', 'if (false)'), 'holes'),
    'an own proposal does not stand against the other': (
        'memo_act.c', 'memcmp(wanted, x.hash, KEY_HASH_SIZE) > 0)', 'false)', 'memoranda'),
    'what was declined is accepted': (
        'memo_act.c', '    if (actor(act, &memo)->declined)\n        return act_refuse(',
        '    if (false)\n        return act_refuse(', 'holes'),
    'a wrong place is read back': (
        'act.c', 'message_readback_matches(&said, &heard))', 'true)', 'crossing'),
    'an amendment does not supersede': (
        'apply.c', "UPDATE line_message SET superseded_by = $1\"",
        "UPDATE line_message SET superseded_by = 0 * $1\"", 'crossing'),
    'seen is not written': (
        'apply.c', '    if (m->seen_us)\n        return TF_OK;', '    if (!m->seen_us)\n        return TF_OK;',
        'crossing'),
    'a delivery that is late does not ring': (
        'tick.c', '    for (size_t i = 0; !rc && i < 3; i++) {', '    for (size_t i = 1; !rc && i < 3; i++) {',
        'holes'),
    'a clock set back hides silence': (
        'tick.c', 'if (h->heard_us <= now_us && now_us - h->heard_us < interval_us)',
        'if (now_us - h->heard_us < interval_us)', 'holes'),
    'silence is noticed late': (
        'tick.c', 'now_us - h->heard_us < interval_us)', 'now_us - h->heard_us < 2 * interval_us)',
        'partitions'),
    'a beat is its clock\'s, whatever it said before': (
        'collect.c', 'return was_set_back ? last_us + 1 : c->now_us;', 'return c->now_us;', 'holes'),
    'the new key signs one message too early': (
        'apply.c', 'act->m->seq + 1, key.bytes);', 'act->m->seq, key.bytes);', 'holes'),
    'receipts keep their old signature': (
        'collect.c', 'if (strstr(text->bytes, hex)) {', 'if (true) {', 'holes'),
    'an event is told twice': (
        'keep.c', '    return tell(act);\n}', '    rc = tell(act);\n    return rc ? rc : tell(act);\n}',
        'crossing'),
    'a line that was closed is used again': (
        'say.c', 'row_make(c, &card, rc ? 1 : row->round + 1, row);',
        'row_make(c, &card, rc ? 1 : row->round + 2, row);', 'holes'),
    'what was said is not in the ledger': (
        'record.c', '    fields_put_hex(entry, "hash", envelope->hash, KEY_HASH_SIZE);',
        '    fields_put_hex(entry, "hash", hash, KEY_HASH_SIZE);', 'crossing'),
}


def copy_tree(to):
    for name in ('src', 'include', 'tests', 'fuzz', 'po', 'man', 'completions', 'bench', 'ui', 'examples',
                 'scripts', 'docs', 'packaging'):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns('node_modules'))
    for name in ('meson.build', 'meson_options.txt', 'README.md', 'LICENSE', 'CHANGELOG.md'):
        shutil.copy(ROOT / name, to / name)


def build(tree):
    return subprocess.run(['ninja', '-C', tree / 'build', 'tests/sim/test_sim', 'tests/sim/test_holes'],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def run(tree, profile, schedules):
    """The first line of the failure; None: it passed."""
    program = tree / 'build' / 'tests' / 'sim' / ('test_holes' if profile == 'holes' else 'test_sim')
    command = [program] if profile == 'holes' else [program, profile]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=300, check=False, errors='replace',
                              env={'TAFADI_SIM_SCHEDULES': str(schedules), 'PATH': '/usr/bin:/bin'})
    except subprocess.TimeoutExpired:
        return 'does not end'
    if done.returncode == 0:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith('step ')]
    errors = [line for line in done.stdout.splitlines() if 'ssert' in line or 'error' in line]
    return (lines or errors or [f'exit {done.returncode}'])[0]


def judge(tree, name, schedules):
    """Whether the mutant was noticed."""
    file, before, after, first = MUTANTS[name]
    path = tree / 'src' / 'line' / file
    text = path.read_text(encoding='utf-8')
    changed = text
    for old, new in zip(*([before], [after]) if isinstance(before, str) else (before, after)):
        if old not in changed:
            print(f'?      {name}: its place in {file} was not found')
            return False
        changed = changed.replace(old, new, 1)
    path.write_text(changed, encoding='utf-8')
    try:
        done = build(tree)
        if done.returncode:
            print(f'?      {name}: does not build\n{done.stdout[-800:]}')
            return False
        for profile in [first] + [p for p in PROFILES if p != first]:
            why = run(tree, profile, schedules)
            if why:
                print(f'caught {name}: {profile}: {why}', flush=True)
                return True
        print(f'LIVES  {name}', flush=True)
        return False
    finally:
        path.write_text(text, encoding='utf-8')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('-n', type=int, default=10, metavar='SCHEDULES', help='of each profile (10)')
    parser.add_argument('--tree', type=pathlib.Path, help='keep the tree here, and use it again')
    parser.add_argument('names', nargs='*', metavar='NAME')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tree = args.tree or pathlib.Path(folder) / 'tree'
        if not (tree / 'build').exists():
            tree.mkdir(parents=True, exist_ok=True)
            copy_tree(tree)
            subprocess.run(['meson', 'setup', '-Dwerror_all=false', tree / 'build', tree], check=True,
                           stdout=subprocess.DEVNULL)
        done = build(tree)
        if done.returncode:
            sys.exit(done.stdout[-2000:])
        names = args.names or list(MUTANTS)
        caught = sum(judge(tree, name, args.n) for name in names)
        print(f'{caught} of {len(names)} caught')
        sys.exit(caught < len(names))


if __name__ == '__main__':
    main()
