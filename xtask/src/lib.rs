//! The command line: reads commands and options, calls the other crates, and prints what they return.
#![deny(clippy::print_stdout, clippy::print_stderr)] // All text goes out through `out`.

#[macro_use]
mod out;

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
    let exit = result.unwrap_or_else(|error| {
        warn_line!("error: failed to {error}");
        error.exit()
    });
    match out::fault() {
        Some(why) => {
            warn_line!("error: failed to write to standard output: {why}");
            exit.max(Exit::Fault).into()
        }
        None => exit.into(),
    }
}
