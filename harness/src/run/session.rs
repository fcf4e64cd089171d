//! One function of a run: which calls judge its checks, and the records of the checks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use array_assay_format::{Cell, Check, CheckId, Property, Revision, Timing, Verdict};
use array_assay_interface::{DType, Identity, Presence};
use array_assay_spec::{Function, Spec, checks::CheckDefinition};

use super::apart::Apart;
use super::calls::Calls;
use super::elementwise::Elementwise;
use super::gaps;
use super::options::Options;
use super::records::{NO_DTYPE, absent, by_name_alone, check, excused, missing, record, unanswered};
use super::repeats::add_faults;
use super::subject::{Drive, Shared, Subject};
use super::supervisor::Supervisor;
use super::trace::trace;
use super::worker::StartError;
use crate::generate::{AcceptedStream, BackendProfile, CallChains, CallStream, OpenStream, Sort, cases_for_pairs};
use crate::signature::signature_cells;
use crate::snippet::Language;

/// What the functions of a run share.
#[derive(Clone, Copy)]
pub(super) struct Session<'a> {
    pub spec: &'a Spec,
    pub options: &'a Options,
    pub revisions: &'a [Revision],
    pub identity: &'a Identity,
    /// The questions to the library that ended or blocked the process at the start, and what the process did.
    pub left_out: &'a BTreeMap<String, String>,
    pub profile: &'a BackendProfile,
    pub chains: &'a CallChains<'a>,
    pub language: &'a Language,
    pub stop: &'a AtomicBool,
}

/// A function of a run while it is judged.
struct FunctionRun<'r> {
    supervisor: &'r mut Supervisor,
    function: &'r Function,
    /// What the worker says about the function.
    presence: &'r Presence,
    /// Where the time goes.
    timing: &'r mut Timing,
}

impl Session<'_> {
    /// Whether the library has an extension: it says so, or it has some function of the extension.
    fn has_extension(&self, extension: &str) -> bool {
        let of = |path: &String| path.strip_prefix(extension).is_some_and(|rest| rest.starts_with('.'));
        self.identity.extensions.iter().any(|name| name == extension) || self.identity.functions.keys().any(of)
    }

    /// What the process did when the worker asked for the function or for its extension, if that ended or blocked it.
    fn left_out(&self, function: &Function, path: &str) -> Option<&str> {
        let of_extension = function.extension().and_then(|extension| self.left_out.get(&format!("extension {extension}")));
        self.left_out.get(&format!("function {path}")).or(of_extension).map(String::as_str)
    }

    /// Judges a function. Returns the records of its checks, and where the time went.
    pub fn run_function(&self, supervisor: &mut Supervisor, function: &Function) -> Result<(Vec<Check>, Timing), StartError> {
        let mut timing = Timing::default();
        if self.options.pairs {
            let clock = Instant::now();
            let cases = cases_for_pairs(self.spec, function, self.profile, self.options.seed);
            timing.generate_s += clock.elapsed().as_secs_f64();
            let options = Options { cases, pairs: false, ..self.options.clone() };
            let (checks, of_run) = Session { options: &options, ..*self }.run_function(supervisor, function)?;
            timing.add(&of_run);
            return Ok((checks, timing));
        }
        let judged = |check: &CheckDefinition| self.options.selects(&check.id) && self.revisions.contains(&check.since);
        let definitions: Vec<CheckDefinition> = function.checks().into_iter().filter(judged).collect();
        let checks = match self.spec.gap(&function.name).filter(|_| function.is_gap()) {
            None => self.run_path(supervisor, function, &definitions, &mut timing)?,
            Some(gap) => {
                // If programs are rewritten, the function stands at the gap's own path.
                let rewrites = self.options.rewrite.is_some();
                let native = if rewrites { None } else { gaps::native(gap, self.identity) };
                let mut checks = match &native {
                    Some(native) => self.run_path(supervisor, native, &definitions, &mut timing)?,
                    None if rewrites => self.run_path(supervisor, function, &definitions, &mut timing)?,
                    // If the library has a function of this name, it means something else.
                    None => definitions.iter().map(|definition| missing(function, definition, self.language)).collect(),
                };
                let there = native.is_some() || rewrites && self.identity.functions.contains_key(&function.path());
                gaps::note(gap, &self.spec.measures, there, self.identity, &mut checks);
                checks
            }
        };
        Ok((self.on_device(checks), timing))
    }

    /// The records with the device on which the calls were made, if it is not the default one.
    fn on_device(&self, mut checks: Vec<Check>) -> Vec<Check> {
        if let Some(device) = &self.options.device {
            checks.iter_mut().flat_map(|check| &mut check.cells).for_each(|cell| cell.device.clone_from(device));
        }
        checks
    }

    /// Runs a function at its path.
    fn run_path(
        &self,
        supervisor: &mut Supervisor,
        function: &Function,
        definitions: &[CheckDefinition],
        timing: &mut Timing,
    ) -> Result<Vec<Check>, StartError> {
        let path = function.owner().map_or_else(|| function.path(), str::to_owned);
        let Some(presence) = self.identity.functions.get(&path) else {
            if let Some(what) = self.left_out(function, &path) {
                return Ok(definitions.iter().map(|definition| unanswered(function, definition, what, self.language)).collect());
            }
            if function.extension().is_some_and(|extension| !self.has_extension(extension)) {
                return Ok(definitions.iter().map(|definition| absent(function, definition, self.language)).collect());
            }
            let missing = |definition| match self.profile.excuses_all(self.spec, function) {
                Some(why) => excused(function, definition, why),
                None => missing(function, definition, self.language),
            };
            return Ok(definitions.iter().map(missing).collect());
        };
        if definitions.iter().all(|definition| definition.id.property == Property::Present) {
            return Ok(definitions.iter().map(|definition| self.present(function, definition)).collect());
        }
        let mut run = FunctionRun { supervisor, function, presence, timing };
        let of = |sort: Option<Sort>| -> Vec<CheckDefinition> {
            definitions.iter().filter(|definition| Apart::judge_of(definition) == sort).cloned().collect()
        };
        let mut checks = self.run_domain(&mut run, &of(None))?;
        for sort in [Sort::Accepted, Sort::Open, Sort::Large] {
            checks.extend(self.run_apart(&mut run, sort, &of(Some(sort)))?);
        }
        Ok(checks)
    }

    /// Runs a function on operands of its domain.
    fn run_domain(&self, run: &mut FunctionRun<'_>, definitions: &[CheckDefinition]) -> Result<Vec<Check>, StartError> {
        let function = run.function;
        let clock = Instant::now();
        if !function.is_elementwise() {
            let Some(stream) = CallStream::new(self.spec, function, self.profile) else {
                let unsupported = |definition| excused(function, definition, NO_DTYPE);
                return Ok(definitions.iter().map(unsupported).collect());
            };
            run.timing.generate_s += clock.elapsed().as_secs_f64();
            return self.run_subject(&Calls::new(&stream, self.shared()), run, definitions);
        }
        let Some(kernel) = array_assay_oracle::kernel(function.semantics()) else {
            unreachable!("a test compares the kernels with the functions of the spec");
        };
        let subject = Elementwise::new(self.spec, function, kernel, self.shared(), definitions);
        run.timing.generate_s += clock.elapsed().as_secs_f64();
        self.run_subject(&subject, run, definitions)
    }

    /// Runs calls of one sort that have a check of their own.
    fn run_apart(&self, run: &mut FunctionRun<'_>, sort: Sort, definitions: &[CheckDefinition]) -> Result<Vec<Check>, StartError> {
        let (spec, function, profile, Options { seed, large, .. }) = (self.spec, run.function, self.profile, self.options);
        let large = large.filter(|_| sort == Sort::Large);
        if definitions.is_empty() || sort == Sort::Large && large.is_none() {
            return Ok(Vec::new());
        }
        let calls = match (sort, large) {
            (Sort::Accepted, _) => AcceptedStream::new(spec, function, profile).map(|stream| Apart::accepted(stream, self.shared())),
            (Sort::Open, _) => OpenStream::new(spec, function, profile, *seed).map(|stream| Apart::open(stream, self.shared())),
            (_, n) => n.and_then(|n| Apart::large(spec, function, profile, n, self.shared())),
        };
        let Some(calls) = calls else {
            let kept = definitions.iter().filter(|_| sort != Sort::Accepted || self.options.dtypes.is_empty());
            return Ok(kept.map(|definition| excused(function, definition, NO_DTYPE)).collect());
        };
        // Where the text leaves the result open, calls have a process of their own, because they may damage it.
        let renew = |run: &mut FunctionRun<'_>| {
            if sort == Sort::Open {
                run.supervisor.renew()
            }
        };
        renew(run);
        let checks = self.run_subject(&calls, run, definitions);
        renew(run);
        checks
    }

    /// For a function that stands for a dtype: why the dtype is unusable, if it is.
    fn by_name_alone(&self, function: &Function) -> Option<&str> {
        let dtype: DType = function.name.parse().ok().filter(|_| function.category == "data_type")?;
        self.profile.unusable.get(&dtype).map(String::as_str)
    }

    /// The record of `present` for a function that the library has.
    fn present(&self, function: &Function, definition: &CheckDefinition) -> Check {
        match self.by_name_alone(function) {
            Some(why) => by_name_alone(function, definition, why),
            None => check(function, definition, vec![], Verdict::Pass),
        }
    }

    /// What the subjects of this run share.
    fn shared(&self) -> Shared<'_> {
        let Session { options, language, profile, chains, .. } = *self;
        Shared { options, language, capabilities: &self.identity.capabilities, profile, chains }
    }

    /// Runs a subject, and makes the records of its checks.
    fn run_subject(
        &self,
        subject: &dyn Subject<'_>,
        run: &mut FunctionRun<'_>,
        definitions: &[CheckDefinition],
    ) -> Result<Vec<Check>, StartError> {
        let function = run.function;
        let Options { batch, first_deviation_only, .. } = *self.options;
        let drive = Drive { batch, stop: self.stop, first_deviation_only, losses: &self.profile.losses };
        let (mut ledger, mut shrunk) = (subject.ledger(), BTreeSet::new());
        // Presence and signature need no call.
        if definitions.iter().any(|definition| !matches!(definition.id.property, Property::Present | Property::Signature)) {
            drive.run(subject, &mut ledger, run.supervisor, run.timing)?;
        }
        let clock = Instant::now();
        let mut out = Vec::with_capacity(definitions.len());
        for definition in definitions {
            match definition.id.property {
                Property::Present => out.push(self.present(function, definition)),
                Property::Signature => {
                    let unknown = Presence::default();
                    let presence = if function.owner().is_some() { &unknown } else { run.presence };
                    let cells = signature_cells(function, presence, self.language);
                    let verdict = Cell::overall(cells.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::Pass);
                    out.push(check(function, definition, cells, verdict));
                }
                // With `--dtype`, a check that has none of the dtypes has no record.
                _ => out.extend(record(subject, &ledger, run.supervisor, definition, &mut shrunk)?),
            }
        }
        if !first_deviation_only {
            trace(subject, run.supervisor, (&self.options.known, self.language), &mut out)?;
        }
        add_faults(run.supervisor, &mut out);
        unblock(&mut out);
        run.timing.shrink_s += clock.elapsed().as_secs_f64();
        Ok(out)
    }
}

/// Takes back that a check is blocked by one that passes: then nothing was judged for it, and nothing of the library is the reason.
fn unblock(checks: &mut [Check]) {
    let passing: Vec<CheckId> = checks.iter().filter(|check| check.verdict == Verdict::Pass).map(|check| check.id.clone()).collect();
    for check in checks.iter_mut().filter(|check| check.blocked_by.as_ref().is_some_and(|by| passing.contains(by))) {
        check.blocked_by = None;
        for cell in check.cells.iter_mut().filter(|cell| cell.verdict == Verdict::Blocked) {
            cell.verdict = Verdict::NotTested;
            cell.note.get_or_insert_with(|| "the calls that show it were not made or gave nothing to judge".to_owned());
        }
        check.verdict = Cell::overall(check.cells.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested);
    }
}
