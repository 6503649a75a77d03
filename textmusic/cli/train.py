"""``textmusic train``: a folder of music in, a model out."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from textmusic.cli._options import codec_options, parse_codec_options
from textmusic.errors import ConfigError
from textmusic.plan import SIZES

if TYPE_CHECKING:
    from textmusic.runs import Training


@click.command("train")
@click.argument("paths", nargs=-1, type=click.Path())
@codec_options(required=False)
@click.option(
    "-o", "--out", default="run", show_default=True, type=click.Path(path_type=Path),
    help="Folder of the run.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Continue the run in --out where it was interrupted.")
@click.option("--overwrite", is_flag=True, help="Replace the run in --out.")
@click.option("--tensorboard", is_flag=True, help="Write event files for TensorBoard too.")
@click.option("--no-cache", is_flag=True, help="Read all files, also those that were read before.")
@click.option("--steps", type=int, help="Budget in steps.")
@click.option("--epochs", type=float, help="Budget in passes over the corpus.")
@click.option("--minutes", type=float, help="Budget in minutes; 5 when no budget is given.")
@click.option(
    "--part", help="Train on one instrument only: a track's name or number, or a MIDI instrument."
)
@click.option(
    "--transpose", type=int, help="Train on transpositions up to this many semitones too."
)
@click.option(
    "--condition", type=click.Choice(["folder", "file"]),
    help="Learn what kind of piece each is, from the name of its folder or file.",
)  # fmt: skip
@click.option("--gaps/--no-gaps", default=None, help="Learn to fill gaps in a piece too.")
@click.option("--kind", type=click.Choice(["gru", "lstm", "rnn"]), help="Cell of the network.")
@click.option(
    "--size", type=click.Choice([*SIZES, "auto"]),
    help="Layers, units, batch, window and peak together; auto, the default of a training by "
    "minutes, goes by the music and the time.",
)  # fmt: skip
@click.option("--layers", type=int, help="Number of layers.")
@click.option("--hidden", type=int, help="Units a layer.")
@click.option(
    "--dropout", type=float, help="Share of units dropped between layers; chosen with the size."
)
@click.option("--batch", type=int, help="Streams read side by side.")
@click.option("--window", type=int, help="Characters a step of each stream.")
@click.option("--peak", type=float, help="Highest learning rate.")
@click.option("--seed", type=int, help="Seed of the weights and of the order of the data.")
@click.option("--threads", type=int, help="Threads.")
@click.option("--device", help="cpu or cuda.")
@click.option(
    "--precision", type=click.Choice(["auto", "float32", "bfloat16"]),
    help="Of matrix products on a CPU; auto takes what is faster.",
)  # fmt: skip
def command(
    paths: tuple[str, ...],
    codec_name: str | None,
    codec_option: tuple[str, ...],
    out: Path,
    *,
    resume: bool,
    overwrite: bool,
    no_cache: bool,
    tensorboard: bool,
    **settings: Any,
) -> None:
    """Train a model on the music in PATHS (files and folders, any readable format).

    Without PATHS it trains on the embedded corpus. The run can be interrupted at any moment and
    continued with --resume: it ends with the same bits as one that was never interrupted.

    \b
    textmusic train --codec guitartab -o run
    textmusic train --codec abc ~/tunes -o run --minutes 20
    textmusic train -o run --resume
    torchrun --nproc-per-node 4 -m textmusic train --codec abc ~/tunes -o run
    """
    from textmusic import runs
    from textmusic.lm.parallel import attempt, joined
    from textmusic.plan import Plan

    given = {name: value for name, value in settings.items() if value is not None}
    if resume and (paths or codec_name or given or overwrite):
        raise ConfigError("--resume continues a run as it was planned: give only --out")
    if not resume and codec_name is None:
        raise ConfigError("train needs --codec NAME; 'textmusic codecs' lists them")
    if tensorboard:
        from textmusic.journal import check_tensorboard

        check_tensorboard()
    with joined() as group:
        if resume or (attempt() and (out / "plan.json").exists()):
            training = runs.Training.resume(out, group=group)
        else:
            assert codec_name is not None
            options = parse_codec_options(codec_option)
            plan = Plan(codec=codec_name, codec_options=options, paths=paths, **given)
            training = runs.Training.start(plan, out, overwrite=overwrite, group=group)
        _train(training, cache=not no_cache, tensorboard=tensorboard)


def _train(training: Training, *, cache: bool, tensorboard: bool = False) -> None:
    """Train to the end; the first process shows how it goes."""
    if not training.group.first:
        with contextlib.suppress(KeyboardInterrupt):
            training.prepare(cache=cache)
            for _ in training.steps():
                pass
            training.finish()
        return
    from textmusic.cautions import before
    from textmusic.cli._progress import TrainingBar

    try:
        with TrainingBar() as bar, contextlib.ExitStack() as stack:
            board = None
            if tensorboard:
                from textmusic.journal import TensorBoard

                board = TensorBoard(training.folder, training.codec.alphabet)
                stack.enter_context(contextlib.closing(board))
            corpus = training.prepare(bar.progress, cache=cache)
            bar.corpus(corpus)
            bar.caution(*before(corpus, training.plan.configs(corpus.alphabet.size, 1)[0]))
            asked = training.plan.size
            for step in training.steps():
                bar.step(step)
                if board:
                    board.add(step)
                if asked != training.plan.size:
                    asked = training.plan.size
                    share = training.plan.dropout
                    dropped = f", dropout {share}" if share else ""
                    bar.console.print(
                        f"size: {asked}{dropped}, for the music and the time there is"
                    )
    except KeyboardInterrupt:
        again = f"textmusic train -o {training.folder} --resume"
        click.echo(f"\ninterrupted; continue with: {again}", err=True)
        raise SystemExit(130) from None
    bar.finish(training.finish(), training.folder, training.codec)
