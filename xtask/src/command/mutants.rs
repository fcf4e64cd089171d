//! `mutants`: are injected faults found?

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use array_assay_format::{Check, Glob, Revision, Verdict};
use array_assay_harness::mutants::{Mutation, mutants};
use array_assay_harness::run::{Backend, Options, Run, conform};
use array_assay_harness::snippet::Language;
use array_assay_spec::Spec;

use crate::backend::own_worker;
use crate::cli;
use crate::exit::{Error, Exit};

/// Runs every mutant and prints who survived.
pub fn run(options: &cli::Mutants) -> Result<Exit, Error> {
    let spec = Spec::embedded();
    let selected =
        |category: &str, name: &str| options.select.is_empty() || options.select.iter().any(|glob| glob.matches_function(category, name));
    // A reference that deviates by itself would kill every mutant of the function. It follows the newest revision: where an earlier one
    // says otherwise, that cannot tell mutants from it.
    let mut revisions: BTreeMap<String, &[Revision]> = BTreeMap::new();
    for function in spec.with_gaps().filter(|f| selected(&f.category, &f.name)) {
        let place = format!("{}/{}", function.category, function.name);
        let sound = run_of(spec, &place, None, options)?;
        if deviates(&sound, &NEWEST) {
            return Err(Error::Fault(format!(
                "judge mutants of {place}: the reference itself deviates, see `conform reference --select {place}`"
            )));
        }
        revisions.insert(place, if deviates(&sound, Revision::ALL) { &NEWEST } else { Revision::ALL });
    }
    let all: Vec<Mutation> = spec.with_gaps().filter(|f| selected(&f.category, &f.name)).flat_map(mutants).collect();
    if all.is_empty() {
        return Ok(Exit::Nothing);
    }
    let jobs = options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let (next, verdicts) = (AtomicUsize::new(0), Mutex::new(vec![None; all.len()]));
    let fault = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mutant) = all.get(i) else { break };
                    let place = format!("{}/{}", mutant.category, mutant.function);
                    match run_of(spec, &place, Some(mutant), options) {
                        Ok(run) => {
                            if let Ok(mut verdicts) = verdicts.lock() {
                                verdicts[i] = revisions.get(&place).map(|revisions| deviates(&run, revisions));
                            }
                        }
                        Err(error) => {
                            if let Ok(mut fault) = fault.lock() {
                                *fault = Some(error);
                            }
                            break;
                        }
                    }
                }
            });
        }
    });
    if let Some(error) = fault.into_inner().ok().flatten() {
        return Err(error);
    }
    let verdicts = verdicts.into_inner().unwrap_or_default();
    let mut by_function: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    for (mutant, killed) in all.iter().zip(verdicts) {
        let entry = by_function.entry(&mutant.function).or_default();
        match killed {
            Some(true) => entry.0 += 1,
            _ => entry.1.push(mutant.to_string()),
        }
    }
    let killed: usize = by_function.values().map(|(n, _)| n).sum();
    for (function, (n, survivors)) in &by_function {
        println!("{function:<22} {n:>3} of {:>3} killed", n + survivors.len());
        for survivor in survivors {
            println!("    survives: {survivor}");
        }
    }
    // Rounded down: only a perfect score says 100.
    let score = (1000.0 * killed as f64 / all.len() as f64).floor() / 10.0;
    println!("{killed} of {} mutants killed ({score:.1} %)", all.len());
    Ok(if score >= 97.0 { Exit::Success } else { Exit::Deviations })
}

/// The newest revision, and the draft for what it alone has.
const NEWEST: [Revision; 2] = [Revision::NEWEST, Revision::Draft];

/// Whether a run deviates in one of the revisions from a clause whose text is sound. From a doubtful one the reference deviates as well.
fn deviates(run: &Run, revisions: &[Revision]) -> bool {
    let deviates = |check: &Check| revisions.iter().any(|r| check.verdict_in(*r).is_some_and(Verdict::is_deviation));
    run.checks.iter().any(|check| check.doubt.is_none() && deviates(check))
}

/// The run of a mutant, or of the reference itself.
fn run_of(spec: &Spec, function: &str, mutant: Option<&Mutation>, options: &cli::Mutants) -> Result<Run, Error> {
    let args = mutant.map_or_else(Vec::new, |mutant| vec!["--mutant".to_owned(), mutant.to_string()]);
    let backend = Backend { name: "reference".to_owned(), command: own_worker("reference", &args)?, language: Language::Other };
    let select: Glob = function.parse().map_err(|e| Error::Fault(format!("{e}")))?;
    let run_options = Options {
        select: vec![select],
        cases: options.cases,
        seed: options.seed,
        first_deviation_only: true,
        draft: true,
        ..Options::default()
    };
    Ok(conform(spec, &backend, &run_options, None, Vec::new(), &AtomicBool::new(false), &())?)
}
