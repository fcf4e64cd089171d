//! The command line: reads commands and options, calls the other crates, and prints what they return.

mod backend;
mod cli;
mod command;
mod exit;
mod nearest;
mod place;
mod polyfills;
mod progress;
mod rust_backend;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use exit::Exit;

/// Reads the command line, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Success.into() };
        }
    };
    let result = match cli.command {
        Command::Conform(options) => command::conform::run(&options),
        Command::Report(options) => command::report::report(&options),
        Command::Compare(options) => command::report::compare(&options),
        Command::Merge(options) => command::report::merge(&options),
        Command::Baseline(options) => command::gate::baseline(&options),
        Command::Checks(options) => command::checks::run(&options),
        Command::Repro(options) => command::repro::run(&options),
        Command::Scripts(options) => command::scripts::run(&options),
        Command::Gaps(options) => command::gaps::run(&options),
        Command::Spec(options) => command::spec::run(&options),
        Command::Mutants(options) => command::mutants::run(&options),
        Command::Bench(options) => command::bench::run(&options),
        Command::Test(options) => command::develop::test(&options),
        Command::Polyfill(options) => command::polyfill::run(&options),
        Command::Wheel(options) => command::wheel::run(&options),
        Command::Codegen(options) => command::codegen::run(&options),
        Command::Tidy => command::tidy::run(),
        Command::Worker(options) => command::worker::run(&options),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: failed to {error}");
            error.exit().into()
        }
    }
}
