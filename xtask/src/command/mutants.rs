//! `mutants`: injects faults into the reference and counts how many the checks find.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use array_assay_format::{Check, CheckId, Glob, Revision, Verdict};
use array_assay_harness::mutants::{ClauseFaults, Mutation, Reasons, Targeted, clause_faults, mutants};
use array_assay_harness::reference::Reference;
use array_assay_harness::run::{Backend, Inside, Options, Run, conform};
use array_assay_harness::snippet::Language;
use array_assay_spec::{Function, Spec};

use crate::cli;
use crate::exit::{Error, Exit};

/// Programs per batch. Small, because most mutants show in one of the first programs.
const BATCH: usize = 32;

/// The percentage of killed mutants below which the command fails.
const SCORE: f64 = 97.0;

/// Runs the command.
pub fn run(options: &cli::Mutants) -> Result<Exit, Error> {
    let reasons = Reasons::embedded().map_err(|e| Error::Fault(e.to_string()))?;
    if options.clauses { of_clauses(options, &reasons) } else { of_functions(options, &reasons) }
}

/// The result of a mutant's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Killed,
    Survived,
    /// It was not found, and a written reason says that it cannot be.
    CannotShow,
    /// It was found, although a written reason says that it cannot be.
    ShowsAllTheSame,
}

impl Fate {
    fn of(killed: bool, has_reason: bool) -> Fate {
        match (killed, has_reason) {
            (true, false) => Fate::Killed,
            (false, false) => Fate::Survived,
            (false, true) => Fate::CannotShow,
            (true, true) => Fate::ShowsAllTheSame,
        }
    }
}

/// How many mutants were killed, survived, or cannot show.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    killed: usize,
    survived: usize,
    cannot_show: usize,
}

impl Score {
    fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Killed => self.killed += 1,
            Fate::Survived => self.survived += 1,
            Fate::CannotShow | Fate::ShowsAllTheSame => self.cannot_show += 1,
        }
    }

    /// The number of mutants that have to be killed.
    fn counted(self) -> usize {
        self.killed + self.survived
    }

    /// The percentage that was killed, rounded down, so that only a perfect score is 100.
    fn percent(self) -> f64 {
        (1000.0 * self.killed as f64 / self.counted().max(1) as f64).floor() / 10.0
    }
}

fn of_functions(options: &cli::Mutants, reasons: &Reasons) -> Result<Exit, Error> {
    let spec = Spec::embedded();
    let selected: Vec<&Function> = spec.with_gaps().filter(|f| is_selected(options, &f.category, &f.name)).collect();
    let all: Vec<Mutation> = selected.iter().flat_map(|function| mutants(function)).collect();
    if all.is_empty() {
        return Ok(Exit::Nothing);
    }
    if options.reasons {
        for mutant in &all {
            if let Some(reason) = reasons.of(mutant) {
                print_line!("{mutant}: {reason}");
            }
        }
        return Ok(Exit::Success);
    }
    let sound = sound_runs(spec, &selected, options)?;
    let killed = each(options, &all, |mutant| {
        let place = place(mutant);
        let run = run_of(spec, vec![glob(&place)?], Some(mutant), options)?;
        Ok(sound.get(&place).is_some_and(|red| red_checks(&run).iter().any(|id| !red.contains(id))))
    })?;
    let fates: Vec<Fate> = all.iter().zip(killed).map(|(mutant, killed)| Fate::of(killed, reasons.of(mutant).is_some())).collect();
    let (mut by_category, mut total): (BTreeMap<&str, Score>, Score) = (BTreeMap::new(), Score::default());
    for function in &selected {
        let of_function = || all.iter().zip(&fates).filter(|(mutant, _)| mutant.is_of(function));
        let mut score = Score::default();
        for (_, fate) in of_function() {
            score.count(*fate);
            by_category.entry(&function.category).or_default().count(*fate);
            total.count(*fate);
        }
        print_line!("{:<22} {:>3} of {:>3} killed", function.name, score.killed, score.counted());
        for (mutant, _) in of_function().filter(|(_, fate)| **fate == Fate::Survived) {
            print_line!("    survives: {mutant}");
        }
    }
    print_line!("\n{:<16} {:>8} {:>9} {:>12}", "category", "killed", "survive", "cannot show");
    for (category, score) in &by_category {
        print_line!("{category:<16} {:>8} {:>9} {:>12}", score.killed, score.survived, score.cannot_show);
    }
    if total.cannot_show > 0 {
        print_line!("\nfaults that cannot show do not count; --reasons lists the reasons");
    }
    let false_reasons: Vec<&Mutation> =
        all.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::ShowsAllTheSame).map(|(mutant, _)| mutant).collect();
    for mutant in &false_reasons {
        print_line!("killed, although cannot_show.yaml says that it cannot show: {mutant}");
    }
    print_line!("{} of {} mutants killed ({:.1} %)", total.killed, total.counted(), total.percent());
    Ok(if total.percent() >= SCORE && false_reasons.is_empty() { Exit::Success } else { Exit::Deviations })
}

/// The result of all faults of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kill {
    Killed,
    /// None of its faults was found.
    Survived,
    /// Its checks ended with an earlier revision, and the reference follows the newest.
    EarlierRevision,
    /// Written reasons say that its faults cannot show.
    CannotShow,
    /// There is no fault that breaks it.
    NoFault,
}

fn of_clauses(options: &cli::Mutants, reasons: &Reasons) -> Result<Exit, Error> {
    let spec = Spec::embedded();
    let selected = |clause: &ClauseFaults| match clause.clause.place.split_once('/') {
        Some((category, name)) => is_selected(options, category, name),
        None => is_selected(options, "", &clause.clause.place),
    };
    let clauses: Vec<ClauseFaults> = clause_faults(spec).into_iter().filter(selected).collect();
    if clauses.is_empty() {
        return Ok(Exit::Nothing);
    }
    let of = |targeted: &Targeted| (targeted.mutation.to_string(), targeted.checks.clone());
    let mut distinct: BTreeMap<(String, Vec<CheckId>), &Targeted> = BTreeMap::new();
    for targeted in clauses.iter().flat_map(|clause| &clause.faults) {
        distinct.insert(of(targeted), targeted);
    }
    let concerned = |f: &&Function| distinct.values().any(|targeted| targeted.mutation.is_of(f));
    let functions: Vec<&Function> = spec.with_gaps().filter(concerned).collect();
    let sound = sound_runs(spec, &functions, options)?;
    let tasks: Vec<&Targeted> = distinct.values().copied().collect();
    let killed = each(options, &tasks, |targeted| {
        let select = targeted.checks.iter().map(|id| glob(&id.to_string())).collect::<Result<_, _>>()?;
        let run = run_of(spec, select, Some(&targeted.mutation), options)?;
        let red = sound.get(&place(&targeted.mutation));
        Ok(red_checks(&run).iter().any(|id| targeted.checks.contains(&id.0) && red.is_some_and(|red| !red.contains(id))))
    })?;
    let killed: BTreeMap<(String, Vec<CheckId>), bool> = tasks.iter().map(|targeted| of(targeted)).zip(killed).collect();
    let is_killed = |targeted: &&Targeted| killed.get(&of(targeted)).copied().unwrap_or(false);
    // The reference itself fails these checks, because it follows another revision.
    let deviates = |targeted: &Targeted| {
        let red = sound.get(&place(&targeted.mutation));
        targeted.checks.iter().all(|id| red.is_some_and(|red| red.iter().any(|(other, _)| other == id)))
    };
    let mut counts: BTreeMap<Kill, usize> = BTreeMap::new();
    for ClauseFaults { clause, faults } in &clauses {
        let kill = if faults.iter().any(|targeted| is_killed(&targeted)) {
            Kill::Killed
        } else if faults.is_empty() {
            Kill::NoFault
        } else if faults.iter().all(deviates) {
            Kill::EarlierRevision
        } else if faults.iter().all(|targeted| reasons.of(&targeted.mutation).is_some()) {
            Kill::CannotShow
        } else {
            Kill::Survived
        };
        *counts.entry(kill).or_default() += 1;
        let name = format!("{:<6} {}#{}", clause.level, clause.place, clause.slug);
        match kill {
            Kill::Killed => {}
            Kill::Survived => print_line!("survives          {name}"),
            Kill::EarlierRevision => print_line!("earlier revision  {name}"),
            Kill::CannotShow => print_line!("cannot show       {name}"),
            Kill::NoFault => print_line!("no fault          {name}"),
        }
        for targeted in faults.iter().filter(|targeted| !is_killed(targeted)) {
            let checks: Vec<String> = targeted.checks.iter().map(ToString::to_string).collect();
            match reasons.of(&targeted.mutation) {
                Some(reason) => print_line!("    {}: {reason}", targeted.mutation),
                None if kill == Kill::Survived => print_line!("    survives: {} ({})", targeted.mutation, checks.join(", ")),
                None if kill == Kill::Killed => print_line!("not found: {} ({name}: {})", targeted.mutation, checks.join(", ")),
                None => {}
            }
        }
    }
    let count = |kill: Kill| counts.get(&kill).copied().unwrap_or(0);
    print_line!(
        "\n{} binding clauses are tested: {} survive, {} belong to an earlier revision than the reference follows, {} cannot be broken alone, \
         {} have no fault yet",
        clauses.len(),
        count(Kill::Survived),
        count(Kill::EarlierRevision),
        count(Kill::CannotShow),
        count(Kill::NoFault),
    );
    print_line!("{} faults were injected", tasks.len());
    let counted = count(Kill::Killed) + count(Kill::Survived) + count(Kill::NoFault);
    print_line!("{} of {counted} clauses killed by a check that tests them", count(Kill::Killed));
    Ok(if count(Kill::Survived) + count(Kill::NoFault) == 0 { Exit::Success } else { Exit::Deviations })
}

fn is_selected(options: &cli::Mutants, category: &str, name: &str) -> bool {
    options.select.is_empty() || options.select.iter().any(|glob| glob.matches_function(category, name))
}

fn place(mutant: &Mutation) -> String {
    format!("{}/{}", mutant.category, mutant.function)
}

fn glob(text: &str) -> Result<Glob, Error> {
    text.parse().map_err(|e| Error::Fault(format!("{e}")))
}

/// Applies `run` to every item, on as many threads as the options say. Stops at the first error.
fn each<T: Sync>(options: &cli::Mutants, items: &[T], run: impl Fn(&T) -> Result<bool, Error> + Sync) -> Result<Vec<bool>, Error> {
    let jobs = options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let (next, results) = (AtomicUsize::new(0), Mutex::new(vec![false; items.len()]));
    let fault = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { break };
                    match run(item) {
                        Ok(result) => {
                            if let Ok(mut results) = results.lock() {
                                results[i] = result;
                            }
                        }
                        Err(error) => {
                            next.store(items.len(), Ordering::Relaxed);
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
    match fault.into_inner().ok().flatten() {
        Some(error) => Err(error),
        None => Ok(results.into_inner().unwrap_or_default()),
    }
}

/// The checks that the reference itself fails, by function. The reference follows the newest revision, so it may fail a check of an earlier
/// one, and such a check cannot kill a mutant. An error if the reference deviates from the newest revision: then every mutant would seem
/// killed.
fn sound_runs(
    spec: &'static Spec,
    functions: &[&Function],
    options: &cli::Mutants,
) -> Result<BTreeMap<String, BTreeSet<(CheckId, Revision)>>, Error> {
    let found = Mutex::new(BTreeMap::new());
    each(options, functions, |function| {
        let place = function.id();
        let run = run_of(spec, vec![glob(&place)?], None, options)?;
        if run.checks.iter().any(|check| check.doubt.is_none() && deviates_in(check, &NEWEST)) {
            return Err(Error::Fault(format!(
                "test mutants of {place}: the reference itself deviates; run `conform reference --select {place}` to see how"
            )));
        }
        if let Ok(mut found) = found.lock() {
            found.insert(place, red_checks(&run));
        }
        Ok(true)
    })?;
    Ok(found.into_inner().unwrap_or_default())
}

/// The newest revision, and the draft for checks that only the draft has.
const NEWEST: [Revision; 2] = [Revision::NEWEST, Revision::Draft];

fn deviates_in(check: &Check, revisions: &[Revision]) -> bool {
    revisions.iter().any(|r| check.verdict_in(*r).is_some_and(Verdict::is_deviation))
}

/// The checks that deviate, with the revisions in which they do. Checks of doubtful clauses are left out, because the reference may deviate
/// from these.
fn red_checks(run: &Run) -> BTreeSet<(CheckId, Revision)> {
    let sound = run.checks.iter().filter(|check| check.doubt.is_none());
    let deviating = |check: &Check| Revision::ALL.iter().filter(|r| deviates_in(check, &[**r])).map(|r| (check.id.clone(), *r)).collect();
    sound.flat_map(|check| -> Vec<(CheckId, Revision)> { deviating(check) }).collect()
}

/// Runs a mutant, or the reference itself.
fn run_of(spec: &'static Spec, select: Vec<Glob>, mutant: Option<&Mutation>, options: &cli::Mutants) -> Result<Run, Error> {
    let mutation = mutant.cloned();
    let inside = Inside::new(move || Reference::new(mutation.clone()));
    let backend = Backend { name: "reference".to_owned(), command: inside.into(), language: Language::Other };
    let run_options = Options {
        select,
        cases: options.cases,
        seed: options.seed,
        // A mutant's run may stop at its first deviation. The reference's run has to find all deviations.
        first_deviation_only: mutant.is_some(),
        batch: BATCH,
        draft: true,
        ..Options::default()
    };
    Ok(conform(spec, &backend, &run_options, None, None, &AtomicBool::new(false), &())?)
}
