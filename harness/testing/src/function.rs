//! The functions of a test run: each runs once, for all of its checks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use array_assay_format::{Check, CheckId, Level, Property, Results, Revision};
use array_assay_harness::gate::{Baseline, Gate};
use array_assay_harness::run::{Backend, Options, conform};
use array_assay_spec::Spec;

/// What came of a run: the records, and what the baseline makes of them.
type Ran = Result<(Results, Gate), String>;

/// The runs of the functions whose tests were asked for, by the glob that selects their checks.
pub struct Functions {
    backend: Backend,
    options: Options,
    revision: Revision,
    level: Level,
    /// The check whose test alone was asked for, as `--exact` does. Then no case is drawn for the other special cases of its function.
    asked: Option<CheckId>,
    ran: Mutex<BTreeMap<String, Arc<OnceLock<Ran>>>>,
}

impl Functions {
    pub fn new(backend: Backend, options: Options, revision: Revision, level: Level) -> Functions {
        Functions { backend, options, revision, level, asked: None, ran: Mutex::default() }
    }

    /// The same for the test of one check alone, if one is given.
    pub fn only(self, asked: Option<CheckId>) -> Functions {
        Functions { asked, ..self }
    }

    /// Runs the function of a check, if it has not run, and says why the test of the check fails.
    pub fn outcome(&self, id: &CheckId) -> Result<(), String> {
        let glob = glob(id);
        let cell = Arc::clone(self.ran.lock().unwrap_or_else(PoisonError::into_inner).entry(glob.clone()).or_default());
        // Tests of the same function wait here for the one that runs it.
        let (results, gate) = cell.get_or_init(|| self.run(&glob)).as_ref().map_err(Clone::clone)?;
        if let Some(unexpected) = gate.unexpected.iter().find(|unexpected| unexpected.check == *id) {
            let record = results.checks.iter().find(|check| check.id == *id);
            return Err(record.map_or_else(|| unexpected.to_string(), |check| failure(check, &self.options.known)));
        }
        match gate.stale.iter().find(|stale| stale.check.include(id)) {
            Some(stale) => Err(stale.to_string()),
            None => Ok(()),
        }
    }

    fn run(&self, glob: &str) -> Ran {
        // Whether a check is blocked by another one shows only if that one is judged too. Special cases block nothing.
        let parse = |text: String| text.parse().map_err(|_| format!("{text} is no check"));
        let select = match &self.asked {
            None => vec![parse(glob.to_owned())?],
            Some(asked) => {
                let of_function = Spec::embedded().checks().map(|check| check.id).filter(|id| self::glob(id) == glob);
                let needed = of_function.filter(|id| id == asked || id.property != Property::Special);
                needed.map(|id| parse(id.to_string())).collect::<Result<_, _>>()?
            }
        };
        let options = Options { select, ..self.options.clone() };
        let stop = AtomicBool::new(false);
        let run = conform(Spec::embedded(), &self.backend, &options, None, None, &stop, &()).map_err(|error| error.to_string())?;
        let footer = run.footer.ok_or("the run was stopped")?;
        let results = Results { header: run.header, checks: run.checks, footer };
        let gate = Gate::judge(&results, &self.options.known.applying(&results, self.revision), self.revision, self.level);
        Ok((results, gate))
    }
}

/// The glob that selects the checks of the function of a check.
fn glob(id: &CheckId) -> String {
    format!("{}/{}", id.category, id.function)
}

/// What a check shows that the baseline does not name: the clause, and a call for each dtype.
fn failure(check: &Check, known: &Baseline) -> String {
    let mut out = String::new();
    if let Some(clause) = &check.clause {
        let _ = writeln!(out, "{}\n{}", clause.says, clause.url);
    }
    for cell in check.cells.iter().filter(|cell| cell.deviates() && !known.covers(&check.id, cell)) {
        let cause = cell.cause.map(|cause| cause.to_string()).unwrap_or_default();
        let dtype = if cell.dtype.is_empty() { "all" } else { &cell.dtype };
        match &cell.counterexample {
            Some(example) => {
                let _ = writeln!(out, "{dtype}: {cause}\n  {}\n  got      {}\n  expected {}", example.call, example.got, example.expected);
            }
            None => {
                let _ = writeln!(out, "{dtype}: {cause} {}", cell.note.as_deref().unwrap_or_default());
            }
        }
    }
    out
}
