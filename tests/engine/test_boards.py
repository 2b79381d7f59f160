from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.contest import rules

from tradeshall.engine.boards import Board, Cell, Fenwick
from tradeshall.engine.standings import Standings

CELLS = st.builds(Cell, st.integers(0, 300), st.integers(0, 60))
MOVES = st.lists(st.tuples(st.integers(0, 12), st.one_of(st.none(), CELLS)), max_size=60)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 5))))
def test_fenwick_counts_as_a_list_does(steps: list[tuple[int, int]]) -> None:
    tree, counts = Fenwick(4), [0] * 301
    for index, step in steps:
        tree.add(index, step)
        counts[index] += step
    for index in range(301):
        assert tree.before(index) == sum(counts[:index])
    things = [index for index, count in enumerate(counts) for _ in range(count)]
    assert [tree.find(position) for position in range(tree.total)] == things
    filled = Fenwick(4)
    filled.fill(enumerate(counts))
    assert [filled.before(index) for index in range(301)] == [tree.before(index) for index in range(301)]


def key_of(stands: dict[int, Cell]) -> list[tuple[int, int, int]]:
    return sorted((-cell.score, cell.second, player) for player, cell in stands.items())


@given(MOVES)
def test_board_ranks_as_sorting_does(moves: list[tuple[int, Cell | None]]) -> None:
    board = Board(lambda player: (player,), 10)
    stands: dict[int, Cell] = {}
    for player, cell in moves:
        board.move(player, stands.get(player), cell)
        stands.pop(player, None)
        if cell is not None:
            stands[player] = cell
    order = key_of(stands)
    assert len(board) == len(order)
    for player, cell in stands.items():
        better = sum((-cell.score, cell.second) > entry[:2] for entry in order)
        assert board.rank(cell) == better + 1
        assert board.exact_rank(player, cell) == order.index((-cell.score, cell.second, player)) + 1
    for offset in range(len(order) + 1):
        for limit in (1, 3, 100):
            lines = board.lines(limit, offset)
            assert [line.player for line in lines] == [entry[2] for entry in order[offset : offset + limit]]
            assert [line.rank for line in lines] == [board.rank(stands[line.player]) for line in lines]
    again = Board(lambda player: (player,), 10)
    again.fill(stands.items())
    assert again.lines(100) == board.lines(100)


@given(
    st.lists(st.tuples(st.integers(1, 8), st.integers(0, 3), st.integers(0, 3000), st.integers(0, 9)), max_size=40),
    st.sampled_from(
        [
            ("score", "time_used", "earlier_finish"),
            ("score", "time_used", "fewer_attempts"),
            ("score", "earlier_finish"),
            ("score", "fewer_attempts", "time_used"),
            ("score",),
        ]
    ),
    st.sampled_from(["best", "last", "first", "sum"]),
)
def test_final_board_follows_every_tie_break(
    finishes: list[tuple[int, int, int, int]], tie_breaks: tuple[str, ...], counting: str
) -> None:
    standings = Standings(rules(tie_breaks=tie_breaks, counting=counting), 100)
    for participant, score, time_ms, moment in finishes:
        row = standings.player(participant, 1)
        counted = standings.counted(row, score, time_ms, moment)
        standings.place_on_board(row, counted)
        standings.record_finish(row, counted, 0)

    def key(row: int) -> tuple[int, ...]:
        values = {
            "score": -standings.scores[row],
            "time_used": standings.times_ms[row],
            "earlier_finish": standings.finished_at_ms[row],
            "fewer_attempts": standings.finishes[row],
        }
        return tuple(values[name] for name in tie_breaks)

    rows = range(len(standings.participants))
    standings.board.final = True
    lines = standings.board.lines(100)
    assert [key(line.player) for line in lines] == sorted(key(row) for row in rows)
    for line in lines:
        assert line.rank == 1 + sum(key(row) < key(line.player) for row in rows)  # equal ranks run 1-2-2-4
        cell = standings.cell(line.player)
        assert cell is not None
        assert standings.board.exact_rank(line.player, cell) == line.rank
