//! `conform`: tests backends, writes results and a report, and decides the exit code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use array_assay_format::{Check, Footer, Header, Level, Property, Results, Revision, Verdict, partial};
use array_assay_harness::gate::Baseline;
use array_assay_harness::run::{Earlier, Limits, Options, RunError, Shard, Times, Worker, WorkerCommand, conform};
use array_assay_harness::validate::Validation;
use array_assay_reports::{Stability, gated_revision, invocation, tried};
use array_assay_spec::Spec;

use crate::backend::{self, Named};
use crate::cli;
use crate::clock;
use crate::command::report::{self, RESULTS};
use crate::command::{consumers, gate, github};
use crate::exit::{Error, Exit};
use crate::nearest;
use crate::place;
use crate::progress::Display;

/// Runs the command. With several backends it returns the largest of their exit codes.
pub fn run(options: &cli::Conform) -> Result<Exit, Error> {
    let (exit, written) = run_backends(options)?;
    if let Some(written) = written.filter(|files| !files.is_empty()) {
        let out = place::resolve(&options.out);
        report::write(&with_others(written, &out), &out)?;
    }
    Ok(exit)
}

/// The results files that a run wrote, and those of other runs in the same folder. One that is not complete is left out.
fn with_others(mut files: Vec<PathBuf>, out: &Path) -> Vec<PathBuf> {
    for file in report::results_below(out) {
        if files.contains(&file) {
            continue;
        }
        match Results::read(&file) {
            Ok(_) => files.push(file),
            Err(error) => warn_line!("left out of the report: failed to {error}"),
        }
    }
    files
}

/// Runs the backends. Returns the largest of their exit codes, and the results files, or `None` if the run was stopped.
pub fn run_backends(options: &cli::Conform) -> Result<(Exit, Option<Vec<PathBuf>>), Error> {
    let revision = gate::revision(&options.gate)?;
    if options.gate.update_baseline && options.backends.len() > 1 && !options.gate.baselines.is_empty() {
        return Err(Error::Usage("update the baseline: a baseline file is for one backend; run the backends one by one".to_owned()));
    }
    nearest::globs(&options.select)?;
    let out = place::resolve(&options.out);
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    // Ctrl-C, SIGTERM and SIGHUP. The workers and what installs packages end at once, the run then ends in order. A second signal ends the
    // program at once.
    let _ = ctrlc::set_handler(move || {
        let again = asked.swap(true, Ordering::Relaxed);
        array_assay_process::end_all();
        if again {
            std::process::exit(130);
        }
    });

    let mut exit = Exit::Success;
    let mut written = Vec::new();
    let mut folders = Folders::default();
    for name in &options.backends {
        match run_one(name, options, revision, &out, &stop, &mut folders) {
            Ok(Some((file, one))) => {
                exit = exit.max(one);
                written.push(file);
            }
            Ok(None) => return Ok((Exit::Deviations, None)),
            Err(_) if stop.load(Ordering::Relaxed) => {
                warn_line!("{name}: stopped before anything was judged");
                return Ok((Exit::Deviations, None));
            }
            // The other backends are still tested.
            Err(error) if options.backends.len() > 1 => {
                warn_line!("error: failed to {error}");
                exit = exit.max(error.exit());
            }
            Err(error) => return Err(error),
        }
    }
    Ok((exit, Some(written)))
}

/// Runs one backend. Returns `None` if the run was stopped. With `--validate`, a fault of the worker against the protocol counts as a
/// deviation.
fn run_one(
    name: &str,
    options: &cli::Conform,
    revision: Option<Revision>,
    out: &Path,
    stop: &AtomicBool,
    folders: &mut Folders,
) -> Result<Option<(PathBuf, Exit)>, Error> {
    let Some(validation) = options.validate.then(Arc::<Validation>::default) else {
        return judge_one(name, options, revision, out, stop, None, folders);
    };
    let judged = judge_one(name, options, revision, out, stop, Some(&validation), folders);
    let breaches = validation.breaches();
    for breach in &breaches {
        print_line!("{breach}\n");
    }
    print_line!("{name}: {} frames validated, {} of the protocol broken\n", validation.frames(), rules(breaches.len()));
    Ok(judged?.map(|(file, exit)| (file, if breaches.is_empty() { exit } else { exit.max(Exit::Deviations) })))
}

fn rules(count: usize) -> String {
    match count {
        0 => "no rule".to_owned(),
        1 => "1 rule".to_owned(),
        n => format!("{n} rules"),
    }
}

fn judge_one(
    name: &str,
    options: &cli::Conform,
    revision: Option<Revision>,
    out: &Path,
    stop: &AtomicBool,
    validation: Option<&Arc<Validation>>,
    folders: &mut Folders,
) -> Result<Option<(PathBuf, Exit)>, Error> {
    let quiet = github::Quiet::of(&options.gate);
    let display = Display::new(name);
    let named = backend::find(name, options.python.as_deref(), &mut |line| display.say(line))?;
    let baseline = gate::read_baselines(&options.gate, named.baseline)?;
    let Named { backend, rewrite, cases, baseline: shipped } = named;
    let limits = limits(options);
    let dir = folders.of(
        name,
        out,
        &match name.strip_prefix("exec:") {
            // The name of the library is known only after its worker has started.
            Some(_) => {
                let started = Worker::start(&backend.command, &[], limits, validation);
                folder(&started.map_err(|source| RunError::Start { backend: name.to_owned(), source })?.1.name)
            }
            None => folder(&options.device.as_ref().map_or_else(|| name.to_owned(), |device| format!("{name}-{device}"))),
        },
    );
    std::fs::create_dir_all(&dir).map_err(|source| Error::File { what: "create the folder", path: dir.clone(), source })?;
    let file = dir.join(RESULTS);

    let known = if shipped.is_some() { baseline.clone() } else { known_of_pinned(name, &baseline)? };
    let run_options = Options { rewrite, ..run_options(options, cases, &known, revision, validation)? };
    let results = match if options.resume { resumed(name, &file, &run_options)? } else { Resumed::Part(None) } {
        Resumed::Whole(results) => {
            check_same_library(name, &backend.command, limits, &results.header, &file)?;
            *results
        }
        Resumed::Part(earlier) => {
            let run = conform(Spec::embedded(), &backend, &run_options, Some(&file), earlier.map(|earlier| *earlier), stop, &display)?;
            let Some(footer) = run.footer else {
                warn_line!("{name}: stopped; {} holds the results so far, use `--resume` to continue", partial(&file).display());
                return Ok(None);
            };
            let footer = Footer { finished: Some(clock::now()), ..footer };
            let results = Results { header: run.header, checks: run.checks, footer };
            results.write(&file).map_err(|source| Error::File { what: "write", path: file.clone(), source })?;
            results
        }
    };
    // A shard may have no part of a small selection.
    if options.shard.is_none() {
        check_selection(&results, options)?;
    }
    consumers::summary::print(&results);
    let exit = gate::conclude(&results, &baseline, &options.gate, revision, &file, &dir.join("junit.xml"), quiet)?;
    show_coverage(options, &results);
    let Some(runs) = options.verify else { return Ok(Some((file, exit))) };
    let mut exit = exit;
    let judged_at = revision.unwrap_or_else(|| gated_revision(&results.header));
    let mut stability = Stability::default();
    stability.add(&results, judged_at);
    drop(results);
    for seed in (1..u64::from(runs)).map(|n| options.seed.wrapping_add(n)) {
        display.say(&format!("again with seed {seed}"));
        let file = dir.join(format!("results-seed-{seed}.jsonl"));
        let run_options = Options { seed, ..run_options.clone() };
        let run = conform(Spec::embedded(), &backend, &run_options, Some(&file), None, stop, &display)?;
        let Some(footer) = run.footer else {
            warn_line!("{name}: stopped while the run was verified");
            return Ok(None);
        };
        let again = Results { header: run.header, checks: run.checks, footer };
        again.write(&file).map_err(|source| Error::File { what: "write", path: file.clone(), source })?;
        exit = exit.max(gate::exit(&again, &baseline, &options.gate, revision));
        stability.add(&again, judged_at);
    }
    print_line!("{stability}");
    Ok(Some((file, exit)))
}

/// What need not be shown in full of `NAME==VERSION`: what the pinned version is known for, beside what `baseline` names. A fresh process for
/// each function that deviates would take most of the time of the run.
fn known_of_pinned(name: &str, baseline: &Baseline) -> Result<Baseline, Error> {
    let pinned = name.split_once("==").filter(|_| !name.starts_with("exec:")).and_then(|(pinned, _)| backend::shipped(pinned));
    let mut known = gate::shipped_baseline(pinned)?;
    known.overlay(baseline.clone());
    Ok(known)
}

/// The options of a run on a library with so many cases by default.
fn run_options(
    options: &cli::Conform,
    cases: u32,
    known: &Baseline,
    revision: Option<Revision>,
    validation: Option<&Arc<Validation>>,
) -> Result<Options, Error> {
    let run_options = Options {
        select: options.select.clone(),
        dtypes: options.dtypes.clone(),
        cases: if let Some(cli::Cases::Number(asked)) = options.cases { asked } else { cases },
        seed: options.seed,
        jobs: options.jobs.unwrap_or_else(default_jobs).max(1),
        shard: shard(options)?,
        limits: limits(options),
        known: known.clone(),
        gaps: options.gate.level == Level::Quality,
        consumers: options.consumers,
        open: options.open,
        large: options.large,
        device: options.device.clone(),
        draft: revision == Some(Revision::Draft),
        validation: validation.cloned(),
        ..Options::default()
    };
    Ok(if options.cases == Some(cli::Cases::Pairs) { run_options.for_pairs() } else { run_options })
}

/// The part of the run that runs.
fn shard(options: &cli::Conform) -> Result<Option<Shard>, Error> {
    let Some((index, of)) = options.shard else { return Ok(None) };
    let times = match &options.balance {
        None => None,
        Some(path) => Some(Times::of(&Results::read(path)?).ok_or_else(|| {
            Error::Usage(format!("balance the shards by {}: it does not say what each function took; run `conform` again", path.display()))
        })?),
    };
    Ok(Some(Shard { index, of, times }))
}

/// The limits of a worker.
fn limits(options: &cli::Conform) -> Limits {
    Limits::new(Duration::from_secs_f64(options.timeout), Some(options.memory))
}

/// Prints what the cases tried, if that is asked for, and an empty line.
fn show_coverage(options: &cli::Conform, results: &Results) {
    if options.coverage {
        print_line!("{}", tried(results));
    }
    print_line!();
}

/// An error if a dtype that was asked for is in no record, or if nothing of a selection was judged. Such a run says nothing of the library.
fn check_selection(results: &Results, options: &cli::Conform) -> Result<(), Error> {
    let cells = || results.checks.iter().flat_map(|check| &check.cells);
    for dtype in &options.dtypes {
        if !cells().any(|cell| cell.dtypes().any(|of| of == *dtype)) {
            let named: BTreeSet<&str> = cells().flat_map(|cell| cell.dtype.split('+')).filter(|name| !name.is_empty()).collect();
            let has = match results.header.backend.dtypes.iter().any(|of| of == dtype.name()) {
                true => "what is selected takes no such arrays",
                false => "the library does not have it",
            };
            let why = if named.is_empty() { String::new() } else { format!("; {}", nearest::meant(dtype.name(), named)) };
            return Err(Error::Nothing(format!("judge --dtype {dtype}: {has}{why}")));
        }
    }
    let selective = !options.select.is_empty() || !options.dtypes.is_empty();
    // Of a check without cells the verdict alone says whether something was judged.
    let says = |check: &Check| {
        check.verdict.is_judged() && (check.verdict != Verdict::Unsupported || check.deviation_in(Revision::NEWEST).is_some())
    };
    // What the library may lack, and lacks, is an answer.
    let lacks = |check: &Check| check.id.property == Property::Present;
    if selective && !results.checks.iter().any(|check| says(check) || lacks(check)) {
        let verdicts: BTreeSet<&str> = results.checks.iter().map(|check| check.verdict.word()).collect();
        let all: Vec<&str> = verdicts.into_iter().collect();
        let found = if all.is_empty() { "there is no record".to_owned() } else { format!("all verdicts are {}", all.join(" or ")) };
        return Err(Error::Nothing(format!("judge the selection: {found}, so the run says nothing of the library")));
    }
    Ok(())
}

/// The name of the folder for a backend's results: `:` and `==` become `-`, and `python:pkg.mod` becomes `mod`.
fn folder(name: &str) -> String {
    let plain = match name.split_once(':') {
        Some(("python", module)) => module.rsplit('.').next().unwrap_or(module).to_owned(),
        _ => name.replace("==", "-").replace(':', "-"),
    };
    let safe: String = plain.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    // The folder must not be hidden, and must not be a parent folder.
    match safe.trim_start_matches('.') {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

/// The default number of workers: one per processor. While one worker runs programs, the harness judges the results of another.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The folders of the backends of one command.
#[derive(Default)]
struct Folders(BTreeSet<PathBuf>);

impl Folders {
    /// The folder for the results of a backend, below `out`. It is called `plain`, unless another backend has that folder.
    fn of(&mut self, name: &str, out: &Path, plain: &str) -> PathBuf {
        let folder = out.join(plain);
        // The name of an external worker is its command, which may change from run to run.
        let other = |header: &Header| !name.starts_with("exec:") && header.backend.name != name;
        let taken = self.0.contains(&folder) || Results::read_header(&folder.join(RESULTS)).is_ok_and(|header| other(&header));
        let folder = if taken { out.join(format!("{plain}-{}", array_assay_python::hash(&[name]))) } else { folder };
        self.0.insert(folder.clone());
        folder
    }
}

/// The results of an earlier run.
enum Resumed {
    /// The run was stopped, or there was none.
    Part(Option<Box<Earlier>>),
    /// The run was complete.
    Whole(Box<Results>),
}

/// Reads the results of an earlier run: those of the run that was stopped, if there are any. A function is complete if its last record is in
/// the file. The other functions run again.
fn resumed(name: &str, file: &Path, options: &Options) -> Result<Resumed, Error> {
    let part = partial(file);
    let file = if part.exists() { &part } else { file };
    if !file.exists() {
        return Ok(Resumed::Part(None));
    }
    let (header, checks, footer) = Results::read_partial(file)?;
    check_same_run(name, &header, options, file)?;
    if let Some(footer) = footer {
        warn_line!("{} is complete: nothing is left to run", file.display());
        return Ok(Resumed::Whole(Box::new(Results { header, checks, footer })));
    }
    let function = |check: &Check| (check.id.category.clone(), check.id.function.clone());
    let complete: BTreeSet<_> = checks.iter().filter(|check| check.last_of_function).map(function).collect();
    let checks = checks.into_iter().filter(|check| complete.contains(&function(check))).collect();
    Ok(Resumed::Part(Some(Box::new(Earlier { header, checks }))))
}

/// An error if the earlier run tested another version of the library: one results file holds one version.
fn check_same_library(name: &str, command: &WorkerCommand, limits: Limits, header: &Header, file: &Path) -> Result<(), Error> {
    let start = |source| RunError::Start { backend: name.to_owned(), source };
    let identity = Worker::start(command, &[], limits, None).map_err(start)?.1;
    let (before, now) = ((&header.backend.library, &header.backend.version), (&identity.name, &identity.version));
    if before == now {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "resume {}: it holds results of {} {}, but this library is {} {}; run without --resume",
        file.display(),
        before.0,
        before.1,
        now.0,
        now.1
    )))
}

/// An error if the earlier run had other options.
fn check_same_run(name: &str, header: &Header, options: &Options, file: &Path) -> Result<(), Error> {
    let draft = header.revisions.contains(&Revision::Draft);
    let same =
        (&*header.backend.name, header.seed, header.cases, &header.options) == (name, options.seed, options.cases, &options.recorded());
    if same && (draft || !options.draft) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "resume {}: it was written by `{}`{}; give the same options",
        file.display(),
        invocation(header),
        if options.draft && !draft { " and without the draft" } else { "" }
    )))
}

#[cfg(test)]
mod tests {
    #[test]
    fn folders_are_named_after_what_was_run() {
        let folders = ["numpy", "numpy==1.26.4", "compat:torch==2.9.0", "python:pkg.mod", "python:.x"].map(super::folder);
        assert_eq!(folders, ["numpy", "numpy-1.26.4", "compat-torch-2.9.0", "mod", "x"]);
    }
}
