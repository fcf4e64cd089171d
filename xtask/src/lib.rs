//! The command line: reads commands and options, calls the other crates, and prints what they return.
#![deny(clippy::print_stdout, clippy::print_stderr)] // All text goes out through `out`.

#[macro_use]
mod out;

mod backend;
mod cli;
mod clock;
mod command;
mod exit;
mod nearest;
mod place;
mod polyfills;
mod progress;
mod rust_backend;

use std::process::ExitCode;

use clap::Parser;

use array_assay_spec::{Spec, SpecErrors};

use cli::{Cli, Command, SpecCommand};
use exit::{Error, Exit};

/// Reads the command line, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Success.into() };
        }
    };
    let exit = run(cli.command).unwrap_or_else(|error| {
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

/// Runs a command.
fn run(command: Command) -> Result<Exit, Error> {
    ready(&command, Spec::built_in())?;
    match command {
        Command::Conform(options) => command::conform::run(&options),
        Command::Consumers(options) => command::consumers::run(&options),
        Command::Report(options) => command::report::report(&options),
        Command::Publish(options) => command::publish::run(&options),
        Command::Badge(options) => command::report::badge(&options),
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
    }
}

/// Whether the built-in spec has no fault, for a command that reads it: who edits the spec and builds the program builds faults in.
fn ready(command: &Command, built_in: Result<&'static Spec, &'static SpecErrors>) -> Result<(), Error> {
    let reads = match command {
        // They read no spec, or the records of results files.
        Command::Report(_) | Command::Badge(_) | Command::Compare(_) | Command::Test(_) | Command::Wheel(_) | Command::Tidy => false,
        // It reads the folder, and shows its faults.
        Command::Spec(cli::Spec { command: SpecCommand::Check { .. } }) => false,
        _ => true,
    };
    if reads { built_in.map(drop).map_err(Error::BuiltIn) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_reads_a_broken_spec_prints_its_faults_as_spec_check_does() {
        let text = "category: elementwise\nfunctions:\n  - name: first\n    since: \"2021.12\"\n    operandz: {}\n";
        let dtypes = include_str!("../../spec/dtypes.yaml");
        let files = [("dtypes.yaml", dtypes), ("functions/broken.yaml", text)].map(|(path, text)| (path.to_owned(), text.to_owned()));
        let errors: &'static SpecErrors = Box::leak(Box::new(Spec::parse(&files).unwrap_err()));
        let ready = |line: &str| ready(&Cli::try_parse_from(line.split(' ')).unwrap().command, Err(errors));

        for line in ["xtask checks", "xtask conform numpy", "xtask gaps", "xtask spec coverage", "xtask worker reference"] {
            let error = ready(line).unwrap_err();
            assert_eq!(error.to_string(), Error::Spec(errors.clone()).to_string(), "{line}");
            assert!(error.to_string().contains("functions/broken.yaml:5:"), "{error}");
            assert_eq!(error.exit(), Exit::Fault, "{line}");
        }
        for line in ["xtask spec check", "xtask tidy", "xtask report results.jsonl"] {
            assert!(ready(line).is_ok(), "{line}");
        }
    }
}
