//! `scripts`: runs the script of every deviation in results files without the harness, and checks that it shows the deviation.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use array_assay_format::{Cause, Cell, Check, Counterexample, Property, Results, Verdict};
use array_assay_harness::run::WorkerCommand;
use array_assay_harness::snippet::{Language, Python};
use array_assay_process::Group;

use crate::backend;
use crate::cli;
use crate::exit::{Error, Exit};

/// Time limit for one script, in seconds.
const SECONDS: &str = "20";

/// How often a script that did not show its deviation is run again.
const RETRIES: usize = 3;

/// The Python program that runs the scripts.
const RUNNER: &str = include_str!("scripts.py");

/// The script of one deviating cell.
struct Script<'r> {
    check: &'r Check,
    cell: &'r Cell,
    shown: &'r Counterexample,
    text: String,
}

/// How a script ended: the type of the exception and its message. The type is empty if there was no exception.
type Ended = (String, String);

/// Runs the command.
pub fn run(options: &cli::Scripts) -> Result<Exit, Error> {
    let fixed = options.fixed.as_ref().map(|path| Results::read(path)).transpose()?;
    let mut exit = Exit::Success;
    for path in &options.results {
        let results = Results::read(path)?;
        let shown = match &fixed {
            None => shows(&results)?,
            Some(fixed) => passes(&results, fixed)?,
        };
        exit = exit.max(if shown { Exit::Success } else { Exit::Deviations });
    }
    Ok(exit)
}

/// Whether every script ends on its library as the record says.
fn shows(results: &Results) -> Result<bool, Error> {
    let name = &results.header.backend.name;
    let (command, python) = library(name)?;
    let scripts: Vec<Script<'_>> = scripts(results).collect();
    let mut ended = run_all(&command, &python, &scripts)?;
    // A deviation that depends on uninitialised memory does not show every time.
    for _ in 0..RETRIES {
        let silent: Vec<usize> = (0..scripts.len()).filter(|i| !is_shown(&scripts[*i], &ended[*i].0)).collect();
        let again: Vec<&Script<'_>> = silent.iter().map(|i| &scripts[*i]).collect();
        silent.into_iter().zip(run_all(&command, &python, again)?).for_each(|(i, end)| ended[i] = end);
    }
    let mut silent = 0;
    for (script, (kind, message)) in scripts.iter().zip(&ended) {
        if is_shown(script, kind) {
            continue;
        }
        silent += 1;
        let end = if kind.is_empty() {
            "the script ended without an exception".to_owned()
        } else {
            format!("the script ended with {kind}: {message}")
        };
        let cause = script.cell.cause.map_or("deviation", Cause::word);
        print_line!(
            "{} on {}: the record says {cause}, got {}; but {end}\n{}",
            script.check.id,
            script.cell.dtype,
            script.shown.got,
            indented(&script.text)
        );
    }
    let without = deviating(results).filter(|(_, cell)| cell.counterexample.as_ref().is_none_or(|shown| shown.snippet.is_empty())).count();
    print_line!("{name}: {} scripts run, {silent} do not show their deviation; {without} deviating cells have no script", scripts.len());
    Ok(silent == 0)
}

/// Whether the scripts of a library pass on another library that conforms in the same cells.
fn passes(results: &Results, fixed: &Results) -> Result<bool, Error> {
    let (name, other) = (&results.header.backend.name, &fixed.header.backend.name);
    let (_, python) = library(name)?;
    let (command, stand_in) = library(other)?;
    let conforms = |check: &Check, cell: &Cell| {
        let same = fixed.checks.iter().find(|c| c.id == check.id)?;
        let same = same.cells.iter().find(|c| c.dtype == cell.dtype).map_or(same.verdict, |c| c.verdict);
        (same == Verdict::Pass).then_some(())
    };
    let from = format!("import {} as xp\n", python.module);
    let to = format!("import {} as xp\n", stand_in.module);
    let scripts: Vec<Script<'_>> = scripts(results)
        .filter(|script| conforms(script.check, script.cell).is_some() && !uses_more(&python, &script.text))
        .map(|script| Script { text: script.text.replacen(&from, &to, 1), ..script })
        .collect();
    let ended = run_all(&command, &stand_in, &scripts)?;
    let mut failing = 0;
    for (script, (kind, message)) in scripts.iter().zip(&ended).filter(|(_, (kind, _))| !kind.is_empty()) {
        failing += 1;
        print_line!(
            "{} on {}: {other} conforms, but the script fails on it with {kind}: {message}\n{}",
            script.check.id,
            script.cell.dtype,
            indented(&script.text)
        );
    }
    print_line!("{name}: {} scripts run on {other}, {failing} fail although {other} conforms", scripts.len());
    Ok(failing == 0)
}

/// Whether a script uses something of its own library beside the namespace, so that it cannot run on another library.
fn uses_more(python: &Python, text: &str) -> bool {
    python.made.is_some()
        || text.contains("def shown(")
        || text.contains("def device(")
        || python.modules.values().any(|module| text.contains(&format!("import {module} ")))
}

/// The command of a library's worker, whose interpreter and variables scripts get, and how scripts use the library.
fn library(name: &str) -> Result<(WorkerCommand, Python), Error> {
    let backend = backend::find(name, None, &mut |line| warn_line!("{line}"))?.backend;
    match backend.language {
        Language::Python(python) => Ok((backend.command, python)),
        _ => Err(Error::Usage(format!("run the scripts of {name}: only those of Python libraries are run"))),
    }
}

fn deviating(results: &Results) -> impl Iterator<Item = (&Check, &Cell)> {
    results
        .checks
        .iter()
        .filter(|check| check.is_of_standard())
        .flat_map(|check| check.cells.iter().filter(|cell| cell.deviates()).map(move |cell| (check, cell)))
}

fn scripts(results: &Results) -> impl Iterator<Item = Script<'_>> {
    deviating(results).filter_map(|(check, cell)| {
        let shown = cell.counterexample.as_ref().filter(|shown| !shown.snippet.is_empty())?;
        Some(Script { check, cell, shown, text: shown.snippet.clone() })
    })
}

/// Whether a script that ended with an exception of the type `kind` shows its deviation.
fn is_shown(script: &Script<'_>, kind: &str) -> bool {
    let raised = || script.shown.got.split(':').next().unwrap_or_default();
    match script.cell.cause {
        // The record holds the class that was raised in place of the right one.
        Some(Cause::WrongType) if script.check.property == Property::Raises => kind == raised(),
        Some(Cause::Raised) => kind == raised(),
        // The conversion of a value that its dtype cannot hold to a Python number may raise anything.
        Some(Cause::WrongValue) if script.shown.got.ends_with("cannot hold") => !kind.is_empty(),
        Some(Cause::MissingName) => kind == "AttributeError",
        Some(Cause::Crashed | Cause::OutOfMemory | Cause::Protocol) => kind == "signal",
        Some(Cause::TimedOut) => kind == "timeout",
        _ => kind == "AssertionError",
    }
}

fn run_all<'s, 'r: 's>(
    command: &WorkerCommand,
    python: &Python,
    scripts: impl IntoIterator<Item = &'s Script<'r>>,
) -> Result<Vec<Ended>, Error> {
    let texts: Vec<&str> = scripts.into_iter().map(|script| script.text.as_str()).collect();
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let failed = |what: &str, why: String| Error::Fault(format!("{what} {}: {why}", command.program.display()));
    let mut runner = Command::new(&command.program);
    // Isolated like the worker, unless the library is the user's own.
    runner.args(command.args.first().filter(|option| *option == "-I"));
    runner.args(["-c", RUNNER, &python.module, SECONDS]).envs(command.env.iter().map(|(name, value)| (name, value)));
    let started = Group::spawn(runner.stdin(Stdio::piped()).stdout(Stdio::piped()));
    let mut child = started.map_err(|e| failed("start", e.to_string()))?;
    let sent = serde_json::to_vec(&texts).map_err(|e| failed("run scripts by", e.to_string()))?;
    if let Some(mut stdin) = child.stdin() {
        stdin.write_all(&sent).map_err(|e| failed("run scripts by", e.to_string()))?;
    }
    let mut said = Vec::new();
    let read = child.stdout().map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut said));
    read.and_then(|_| child.wait()).map_err(|e| failed("run scripts by", e.to_string()))?;
    let ended: Vec<Ended> = String::from_utf8_lossy(&said).lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if ended.len() != texts.len() {
        return Err(failed("run scripts by", format!("{} of {} ended", ended.len(), texts.len())));
    }
    Ok(ended)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a script shows its fault that ended in this way, of a check on a value or of one that has to raise.
    fn shows(cause: &str, got: &str, property: &str, ended: &str) -> bool {
        let check = format!(
            r#"{{"id": "elementwise/abs::{property}", "function": "abs", "category": "elementwise", "property": "{}", "level": "must",
            "since": "2021.12", "until": null, "verdict": "fail", "clause": null, "doubt": null, "cells": [{{"dtype": "int8", "device": "",
            "verdict": "fail", "cause": "{cause}", "cases": 1, "failures": 1, "classes": {{"flushed": 0, "alternative": 0}}, "accuracy": null,
            "counterexample": {{"program": {{"inputs": [], "steps": [], "returns": []}}, "call": "", "expected": "", "got": {got:?},
            "step": null, "note": null, "snippet": "x"}}, "note": null}}]}}"#,
            property.split('/').next().unwrap_or_default()
        );
        let check: Check = serde_json::from_str(&check).expect("a check");
        let cell = &check.cells[0];
        let shown = cell.counterexample.as_ref().expect("it has one");
        is_shown(&Script { check: &check, cell, shown, text: String::new() }, ended)
    }

    #[test]
    fn a_script_has_to_end_as_its_record_says() {
        assert!(shows("wrong-value", "3", "value", "AssertionError") && !shows("wrong-value", "3", "value", ""));
        assert!(!shows("wrong-value", "3", "value", "TypeError"), "that is another fault");
        // What cannot become a number of Python's shows it by any exception.
        let unfit = "element 1: -1, which uint8 cannot hold";
        assert!(shows("wrong-value", unfit, "value", "OverflowError") && shows("wrong-value", unfit, "value", "AssertionError"));
        assert!(!shows("wrong-value", unfit, "value", ""));
        assert!(shows("raised", "ValueError: no", "call", "ValueError") && !shows("raised", "ValueError: no", "call", "TypeError"));
        assert!(shows("wrong-type", "KeyError: 1", "raises/index-class", "KeyError"), "another class than it should");
        assert!(shows("missing-name", "", "present", "AttributeError") && !shows("missing-name", "", "present", ""));
        assert!(shows("crashed", "", "call", "signal") && shows("timed-out", "", "call", "timeout"));
    }
}
