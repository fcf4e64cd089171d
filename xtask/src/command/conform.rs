//! `conform`: judge backends, write results and report, decide the gate.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use array_assay_format::{Check, CheckId, Header, Level, Results, Revision};
use array_assay_harness::gate::{Baseline, Gate};
use array_assay_harness::run::{Limits, Options, RunError, Worker, conform};
use array_assay_harness::validate::Validation;
use array_assay_reports::{gated_revision, junit_gated, site, summary_gated};
use array_assay_spec::Spec;

use crate::backend::{self, Named};
use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;
use crate::progress::Display;

/// Runs the command. Of several backends' exit codes the gravest counts.
pub fn run(options: &cli::Conform) -> Result<Exit, Error> {
    let claimed = options.revision == "claimed";
    let revision: Option<Revision> =
        if claimed { None } else { Some(options.revision.parse().map_err(|e| Error::Usage(format!("read --revision: {e}")))?) };
    if !(options.timeout.is_finite() && options.timeout > 0.0) {
        return Err(Error::Usage("read --timeout: it has to be a positive number of seconds".to_owned()));
    }
    let out = place::resolve(&options.out);
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    // The second Ctrl-C is not waited for.
    let _ = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stopping after the programs in flight; `--resume` will go on");
    });

    let mut exit = Exit::Success;
    let mut all: Vec<Results> = Vec::new();
    for name in &options.backends {
        match run_one(name, options, revision, &out, &stop) {
            Ok(Some((results, one))) => {
                exit = exit.max(one);
                all.push(results);
            }
            Ok(None) => return Ok(Exit::Deviations),
            // The other backends are judged all the same.
            Err(error) if options.backends.len() > 1 => {
                eprintln!("error: failed to {error}");
                exit = exit.max(error.exit());
            }
            Err(error) => return Err(error),
        }
    }
    if !all.is_empty() {
        site(&all, &out)?;
        println!("report: {}", out.join("index.html").display());
    }
    Ok(exit)
}

/// Runs one backend; `None` where it was stopped. A breach of the protocol is a deviation.
fn run_one(
    name: &str,
    options: &cli::Conform,
    revision: Option<Revision>,
    out: &Path,
    stop: &AtomicBool,
) -> Result<Option<(Results, Exit)>, Error> {
    let Some(validation) = options.validate.then(Arc::<Validation>::default) else {
        return judge_one(name, options, revision, out, stop, None);
    };
    let judged = judge_one(name, options, revision, out, stop, Some(&validation));
    let breaches = validation.breaches();
    for breach in &breaches {
        println!("{breach}\n");
    }
    println!("{name}: {} frames validated, {} of the protocol broken\n", validation.frames(), places(breaches.len()));
    Ok(judged?.map(|(results, exit)| (results, if breaches.is_empty() { exit } else { exit.max(Exit::Deviations) })))
}

fn places(count: usize) -> String {
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
) -> Result<Option<(Results, Exit)>, Error> {
    let display = Display::new(name);
    let named = backend::find(name, options.python.as_deref(), &mut |line| display.say(line))?;
    let baseline = read_baselines(options, &named)?;
    let Named { backend, baseline: shipped, polyfills, cases } = named;
    let limits = Limits::new(Duration::from_secs_f64(options.timeout), Some(options.memory));
    let dir = out.join(match name.strip_prefix("exec:") {
        // Only the worker knows who it is.
        Some(_) => {
            let started = Worker::start(&backend.command, &[], limits, validation);
            folder(&started.map_err(|source| RunError::Start { backend: name.to_owned(), source })?.1.name)
        }
        None => folder(name),
    });
    std::fs::create_dir_all(&dir).map_err(|source| Error::File { what: "create the folder", path: dir.clone(), source })?;
    let file = dir.join("results.jsonl");

    let jobs = options.jobs.unwrap_or_else(default_jobs);
    let run_options = Options {
        select: options.select.clone(),
        dtypes: options.dtypes.clone(),
        cases: options.cases.unwrap_or(cases),
        seed: options.seed,
        jobs: jobs.max(1),
        shard: options.shard,
        limits,
        known: baseline.clone(),
        polyfills,
        gaps: options.level == Level::Quality,
        draft: revision == Some(Revision::Draft),
        validation: validation.cloned(),
        ..Options::default()
    };
    let done = if options.resume { resumed(&file, &run_options)? } else { Vec::new() };
    let run = conform(Spec::embedded(), &backend, &run_options, Some(&file), done, stop, &display)?;
    let Some(footer) = run.footer else {
        eprintln!("{name}: stopped; {} holds what was done, `--resume` goes on", file.display());
        return Ok(None);
    };
    let results = Results { header: run.header, checks: run.checks, footer };
    results.write(&file).map_err(|source| Error::File { what: "write", path: file.clone(), source })?;

    if options.update_baseline {
        update_baseline(name, options, shipped, &baseline, &results)?;
        return Ok(Some((results, Exit::Success)));
    }
    let revision = revision.unwrap_or_else(|| gated_revision(&results.header));
    let gate = Gate::judge(&results, &baseline, revision, options.level);
    let known: std::collections::BTreeSet<&CheckId> = gate.known.iter().collect();
    let expected = |id: &CheckId| known.contains(id);
    let view = array_assay_reports::Gate { revision, level: options.level, expected: &expected };
    print!("{}", summary_gated(&results, &view, std::io::stdout().is_terminal()));
    for (id, cause) in &gate.gone {
        println!("gone: {id} ({cause}) is in the baseline but did not occur: remove the entry, or run with --update-baseline");
    }
    junit_gated(&results, &view, &dir.join("junit.xml"))?;
    println!("results: {}\n", file.display());
    Ok(Some((results, if gate.is_open() { Exit::Success } else { Exit::Deviations })))
}

/// The folder of a backend's results: the last part of `python:pkg.mod`, `:` and `==` as `-`.
fn folder(name: &str) -> String {
    let plain = match name.split_once(':') {
        Some(("python", module)) => module.rsplit('.').next().unwrap_or(module).to_owned(),
        _ => name.replace("==", "-").replace(':', "-"),
    };
    let safe: String = plain.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    // No hidden folder, and none above.
    match safe.trim_start_matches('.') {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

/// A lane a processor: while one waits for its worker, another judges.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The baseline that ships with a backend.
pub fn shipped_baseline(named: &Named) -> Result<Baseline, Error> {
    // In the repository the file is read and not the text built in, which is older while a baseline is being updated.
    Ok(match named.baseline {
        None => Baseline::default(),
        Some((path, text)) => match place::workspace().map(|root| root.join(path)).filter(|file| file.is_file()) {
            Some(file) => Baseline::read(&file)?,
            None => Baseline::parse(path, text)?,
        },
    })
}

fn read_baselines(options: &cli::Conform, named: &Named) -> Result<Baseline, Error> {
    if options.no_baseline {
        return Ok(Baseline::default());
    }
    let mut baseline = shipped_baseline(named)?;
    for path in &options.baselines {
        if options.update_baseline && !path.exists() {
            continue;
        }
        baseline.overlay(Baseline::read(path)?);
    }
    Ok(baseline)
}

fn update_baseline(
    name: &str,
    options: &cli::Conform,
    shipped: Option<(&str, &str)>,
    baseline: &Baseline,
    results: &Results,
) -> Result<(), Error> {
    let own = || shipped.and_then(|(path, _)| Some(place::workspace()?.join(path)));
    let path: PathBuf = options
        .baselines
        .last()
        .cloned()
        .or_else(own)
        .ok_or_else(|| Error::Usage(format!("update the baseline of {name}: name its file with --baseline FILE")))?;
    let updated = baseline.updated(results, options.level);
    let text = updated.to_yaml(name);
    std::fs::write(&path, text).map_err(|source| Error::File { what: "write", path: path.clone(), source })?;
    println!("{name}: {} known deviations written to {}", updated.deviations.len(), path.display());
    Ok(())
}

/// The checks of a run that was stopped. The last function may be incomplete, so it runs again.
fn resumed(file: &Path, options: &Options) -> Result<Vec<Check>, Error> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let (header, checks, footer) = Results::read_partial(file)?;
    if footer.is_some() {
        eprintln!("{} is complete: nothing to resume, the run starts anew", file.display());
        return Ok(Vec::new());
    }
    check_same_run(&header, options, file)?;
    let mut by_function: BTreeMap<&str, usize> = BTreeMap::new();
    for check in &checks {
        *by_function.entry(&check.id.function).or_insert(0) += 1;
    }
    let complete = |name: &str| {
        let function = Spec::embedded().with_all_gaps().find(|f| f.name == name);
        let due = function.map(|f| f.checks().iter().filter(|c| options.selects(&c.id)).count());
        due == by_function.get(name).copied()
    };
    Ok(checks.iter().filter(|check| complete(&check.id.function)).cloned().collect())
}

fn check_same_run(header: &Header, options: &Options, file: &Path) -> Result<(), Error> {
    if (header.seed, header.cases, &header.options) == (options.seed, options.cases, &options.recorded()) {
        return Ok(());
    }
    let others: String = header.options.iter().map(|(name, value)| format!(" --{name} {value}")).collect();
    Err(Error::Usage(format!(
        "resume {}: it was made with --seed {} --cases {}{others}; give the same options",
        file.display(),
        header.seed,
        header.cases
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
