"""The command line `assay`."""

from __future__ import annotations

import atexit
import os
import sys

import click

from orchestration.cli import ending
from orchestration.cli.checks import checks
from orchestration.cli.contract import contract
from orchestration.cli.defend import defend
from orchestration.cli.evidence import evidence
from orchestration.cli.fit import fit_signal
from orchestration.cli.generate import generate
from orchestration.cli.mutate import mutate
from orchestration.cli.raw import raw
from orchestration.cli.revalidate import revalidate
from orchestration.cli.run import run
from orchestration.cli.signal import signal
from orchestration.cli.status import status
from orchestration.cli.triage import triage
from orchestration.cli.validate import validate
from orchestration.stores import Stores, StoresError

signal.add_command(fit_signal)
contract.add_command(revalidate)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Assay: raw ticket exports in, audited marts out."""
    try:
        Stores.from_environment()
    except StoresError as error:
        ending.stop(str(error))


for command in (
    run,
    status,
    checks,
    mutate,
    evidence,
    defend,
    triage,
    raw,
    generate,
    signal,
    validate,
    contract,
):
    main.add_command(command)


def program() -> None:
    """
    `main` as a program of its own.

    It ends without taking apart what dbt and Dagster have built up in memory, which takes seconds; what
    must be left tidy is registered with atexit.
    """
    code: object = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))
