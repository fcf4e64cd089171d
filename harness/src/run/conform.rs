//! A run: every selected function of the spec on one backend, from the first frame to the records.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use array_assay_format::{
    BackendInfo, Cell, Check, CheckId, FORMAT_VERSION, Footer, Glob, Header, Level, Property, Revision, Timing, Tool, Verdict, Writer,
};
use array_assay_interface::{DType, Identity, Presence};
use array_assay_oracle::call::Defaults;
use array_assay_spec::{Function, GAPS, Spec, checks::CheckDefinition};

use super::accepted::AcceptedCalls;
use super::calls::Calls;
use super::elementwise::Elementwise;
use super::gaps;
use super::lane::Lane;
use super::layouts::{probe, probe_flushes};
use super::permissions;
use super::progress::{Event, Progress};
use super::records::{NO_DTYPE, absent, by_name_alone, check, excused, missing};
use super::subject::{Drive, Subject};
use super::worker::{Limits, StartError, WorkerCommand};
use crate::gate::Baseline;
use crate::generate::{AcceptedStream, CallStream, Pool, Preludes};
use crate::signature::signature_cells;
use crate::snippet::Language;
use crate::validate::Validation;

/// Programs in a batch: the rate is flat from there on.
const BATCH: usize = 1024;

/// A backend to run.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Its name on the command line.
    pub name: String,
    /// How its worker is started.
    pub command: WorkerCommand,
    /// The language of its snippets.
    pub language: Language,
}

/// What shapes a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Globs over check ids; none selects all.
    pub select: Vec<Glob>,
    /// Dtypes; none selects all.
    pub dtypes: Vec<DType>,
    /// Cases a stream.
    pub cases: u32,
    /// The seed.
    pub seed: u64,
    /// Workers at once.
    pub jobs: usize,
    /// This shard, from 1, of so many.
    pub shard: Option<(u32, u32)>,
    /// The worker's limits.
    pub limits: Limits,
    /// Programs in a batch.
    pub batch: usize,
    /// Deviations that are known: they are not shrunk again, and counterexamples show others first.
    pub known: Baseline,
    /// Stop at the first deviation of a selected check, and look for no counterexample: what a mutant needs.
    pub first_deviation_only: bool,
    /// Judge the library together with the polyfills of what it lacks.
    pub polyfills: bool,
    /// Judge the gaps that the backend has, though nothing selects them; otherwise they are only looked for.
    pub gaps: bool,
    /// Judge the draft as well, also where the library does not claim it.
    pub draft: bool,
    /// Where what is wrong with the worker's frames goes, if they are checked.
    pub validation: Option<Arc<Validation>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            select: Vec::new(),
            dtypes: Vec::new(),
            cases: 1000,
            seed: 0,
            jobs: 1,
            shard: None,
            limits: Limits::new(std::time::Duration::from_secs(10), Some(4096)),
            batch: BATCH,
            known: Baseline::default(),
            first_deviation_only: false,
            polyfills: false,
            gaps: false,
            draft: false,
            validation: None,
        }
    }
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RunError {
    #[error("run {backend}: {source}")]
    Start { backend: String, source: StartError },
    #[error("run {backend}: its worker cannot create an array and hand it back, so the adapter is at fault and nothing was judged: {why}")]
    Smoke { backend: String, why: String },
    #[error("select checks: nothing matches {0}; ids have the form category/function::property[/slug]")]
    NothingSelected(String),
    #[error("write {}: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}

/// What a run gave.
#[derive(Debug, Clone)]
pub struct Run {
    /// The header.
    pub header: Header,
    /// The checks, in the order of the spec.
    pub checks: Vec<Check>,
    /// The footer; `None` where the run was stopped.
    pub footer: Option<Footer>,
}

impl Options {
    /// Whether a run has the check. Of a gap that nothing asks for, only whether it is there is of interest.
    pub fn selects(&self, id: &CheckId) -> bool {
        if self.select.is_empty() {
            return self.gaps || id.category != GAPS || id.property == Property::Present;
        }
        self.select.iter().any(|glob| glob.matches(id))
    }

    /// The functions to run, in the order of the spec: selected, and of this shard.
    pub fn functions<'s>(&self, spec: &'s Spec) -> Vec<&'s Function> {
        let selected = spec.with_all_gaps().filter(|f| {
            self.select.is_empty()
                || self.select.iter().any(|glob| glob.matches_function(&f.category, &f.name))
                    && f.checks().iter().any(|check| self.selects(&check.id))
        });
        selected
            .enumerate()
            .filter(|(i, _)| self.shard.is_none_or(|(shard, of)| i % of as usize == shard as usize - 1))
            .map(|(_, f)| f)
            .collect()
    }

    /// The options that shape the records, as the header names them.
    pub fn recorded(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        let mut put = |key: &str, value: String| {
            if !value.is_empty() {
                out.insert(key.to_owned(), value);
            }
        };
        put("select", self.select.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        put("dtype", self.dtypes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        put("gaps", if self.gaps { "judged".to_owned() } else { String::new() });
        put("shard", self.shard.map_or(String::new(), |(i, n)| format!("{i}/{n}")));
        out
    }
}

/// Runs a backend. `file`: where records go as they are made, if anywhere. `done`: checks of an earlier run to keep.
/// `stop`: set from outside to end early.
pub fn conform(
    spec: &Spec,
    backend: &Backend,
    options: &Options,
    file: Option<&std::path::Path>,
    done: Vec<Check>,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Run, RunError> {
    let began = Instant::now();
    let mut functions = options.functions(spec);
    let nothing_selected = || {
        let globs: Vec<String> = options.select.iter().map(ToString::to_string).collect();
        RunError::NothingSelected(globs.join(", "))
    };
    if functions.is_empty() {
        return Err(nothing_selected());
    }
    let start = |source| RunError::Start { backend: backend.name.clone(), source };
    // A method of what another function gives is there if that function is.
    let mut names: Vec<String> = functions.iter().map(|f| f.owner().map_or_else(|| f.path(), str::to_owned)).collect();
    // Which library it is shows later, so that every name of a gap is asked for.
    names.extend(functions.iter().filter(|f| f.is_gap()).filter_map(|f| spec.gap(&f.name)).flat_map(gaps::names));
    if options.polyfills {
        // A polyfill may call any function.
        names.extend(spec.with_gaps().filter(|f| f.owner().is_none()).map(Function::path));
    }
    // Some functions share a path: `==` of arrays and of dtypes.
    names.sort_unstable();
    names.dedup();
    let started = AtomicBool::new(false);
    let (lane, mut identity) = std::thread::scope(|scope| {
        scope.spawn(|| prepare(spec, &functions, &started));
        let lane = Lane::start(backend.command.clone(), &names, options.limits, options.validation.clone());
        started.store(true, Ordering::Relaxed);
        lane
    })
    .map_err(start)?;
    let draft = Revision::Draft.word();
    let revisions =
        if options.draft || identity.revisions.iter().any(|claim| claim == draft) { Revision::ALL } else { Revision::published() };
    functions.retain(|function| revisions.contains(&function.since));
    if functions.is_empty() {
        return Err(nothing_selected());
    }
    let substitution = options.polyfills.then(|| Arc::new(super::polyfills::substitution(spec, &mut identity)));
    let mut lane = lane.with_polyfills(substitution.clone());
    progress.event(Event::Started {
        backend: &backend.name,
        library: &identity.name,
        version: &identity.version,
        functions: functions.len(),
    });

    let declared: Vec<DType> = identity.dtypes.iter().filter_map(|name| name.parse().ok()).collect();
    let probed = probe(&mut lane, &declared, &identity.devices, &identity.layouts).map_err(start)?;
    if probed.dtypes.is_empty() {
        let why = probed.broken.iter().next().map_or("it declares no dtype of the standard".to_owned(), |(d, why)| format!("{d}: {why}"));
        return Err(RunError::Smoke { backend: backend.name.clone(), why });
    }
    if lane.is_validated() {
        let of_one_array = functions.iter().filter(|f| f.operands.len() == 1 && identity.functions.contains_key(&f.path()));
        let call = of_one_array.flat_map(|f| probed.dtypes.iter().map(move |d| (f, *d))).find(|(f, d)| f.operands[0].dtypes.contains(*d));
        if let Some((function, dtype)) = call {
            probe_flushes(&mut lane, &function.path(), dtype).map_err(start)?;
        }
    }
    for (dtype, why) in &probed.broken {
        progress.event(Event::Note(&format!("{dtype} arrays do not go in and out unchanged and are left out: {why}")));
    }
    if !probed.scalars.is_empty() {
        progress.event(Event::Note(&format!("taken for arrays, as they have an array's attributes: {}", probed.scalars.join(", "))));
    }
    for (what, why) in &probed.lost {
        progress.event(Event::Note(&format!("lost on the way into the library or out of it, and not drawn: {what}: {why}")));
    }
    for (layout, why) in &probed.withdrawn {
        progress.event(Event::Withdrawn { layout, why });
    }
    let selected = |d: &DType| options.dtypes.is_empty() || options.dtypes.contains(d);
    let alone = permissions::by_name_alone(spec, &mut lane, &probed.dtypes).map_err(start)?;
    // What is asked for at the start does not depend on what is selected.
    let everything = Pool {
        dtypes: probed.dtypes.clone(),
        layouts: probed.layouts,
        unlaid: probed.unlaid,
        losses: probed.losses,
        max_rank: 4,
        devices: probed.devices,
        tells_device: probed.tells_device,
        defaults: defaults(&identity),
        shapes: identity.shapes.clone(),
        nominal: nominal(spec, &identity, &declared, probed.broken, alone),
        lacks: BTreeMap::new(),
        rank_limit: None,
    };
    let lacks = permissions::lacking(spec, &mut lane, &identity, &everything, revisions).map_err(start)?;
    let rank_limit = permissions::rank_limit(spec, &mut lane, &everything).map_err(start)?;
    for why in lacks.values().chain(rank_limit.as_ref().map(|limit| &limit.why)) {
        progress.event(Event::Note(why));
    }
    let pool = Pool { dtypes: probed.dtypes.iter().copied().filter(selected).collect(), lacks, rank_limit, ..everything };

    let mut header = header(backend, &identity, options, probed.withdrawn, probed.lost);
    header.backend.scalars_for_arrays = probed.scalars;
    header.revisions = revisions.to_vec();
    header.draft = revisions.contains(&Revision::Draft).then(|| spec.draft.clone());
    let write_error = |source| RunError::Write { path: file.map(PathBuf::from).unwrap_or_default(), source };
    let mut writer = file.map(|path| Writer::create(path, &header)).transpose().map_err(write_error)?;
    let kept: BTreeSet<(String, String)> = done.iter().map(|check| (check.id.category.clone(), check.id.function.clone())).collect();
    let mut checks = done;
    if let Some(writer) = &mut writer {
        for check in &checks {
            writer.check(check).map_err(write_error)?;
        }
    }
    let mut todo: Vec<&Function> = functions.iter().copied().filter(|f| !kept.contains(&(f.category.clone(), f.name.clone()))).collect();
    if options.jobs > 1 {
        // The longest first, so that at the end no lane waits for another's.
        todo.sort_by_key(|function| std::cmp::Reverse(function.rules.len()));
    }

    let of_preludes = pool.without_capabilities(spec);
    let preludes = Preludes::new(spec, &of_preludes);
    let session =
        Session { spec, options, revisions, identity: &identity, pool: &pool, preludes: &preludes, language: &backend.language, stop };
    let (next, made) = (AtomicUsize::new(0), Mutex::new((Vec::new(), Totals::default(), None::<StartError>, writer)));
    let work = |mut lane: Lane<'_>| {
        while !stop.load(Ordering::Relaxed) {
            let Some(function) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let result = session.run_function(&mut lane, function);
            let Ok(mut made) = made.lock() else { break };
            match result {
                Ok((mut checks, timing)) if !stop.load(Ordering::Relaxed) => {
                    if let Some(last) = checks.last_mut() {
                        last.last_of_function = true;
                    }
                    let deviations = checks.iter().filter(|c| c.deviation_in(Revision::NEWEST).is_some() && !c.is_gap()).count();
                    made.1.timing.add(&timing);
                    let calls = made.1.calls + lane.stats.calls;
                    progress.event(Event::Function { name: &function.name, checks: checks.len(), deviations, calls });
                    if let Some(writer) = &mut made.3 {
                        let written = checks.iter().try_for_each(|check| writer.check(check)).and_then(|()| writer.flush());
                        if let Err(error) = written {
                            progress.event(Event::Note(&format!("failed to write a record: {error}")));
                        }
                    }
                    made.0.extend(checks);
                }
                // Stopped in the midst of the function: it is left to `--resume`.
                Ok(_) => break,
                Err(error) => {
                    made.2 = Some(error);
                    stop.store(true, Ordering::Relaxed);
                    break;
                }
            }
        }
        if let Ok(mut made) = made.lock() {
            made.1.add_lane(&lane);
        }
    };
    std::thread::scope(|scope| {
        let extra = options.jobs.clamp(1, todo.len().max(1)) - 1;
        for _ in 0..extra {
            scope.spawn(|| {
                if let Ok((lane, _)) = Lane::start(backend.command.clone(), &[], options.limits, options.validation.clone()) {
                    work(lane.with_polyfills(substitution.clone()));
                }
            });
        }
        work(lane);
    });
    let (new, totals, error, _writer) = made.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(error) = error {
        return Err(start(error));
    }
    checks.extend(new);
    let places = spec.with_all_gaps().enumerate().map(|(i, f)| ((f.category.as_str(), f.name.as_str()), i));
    let order: BTreeMap<(&str, &str), usize> = places.collect();
    checks.sort_by_key(|check| order.get(&(check.id.category.as_str(), check.id.function.as_str())).copied());
    let finished = !stop.load(Ordering::Relaxed);
    let footer = finished.then(|| footer(revisions, &checks, &totals, began.elapsed().as_secs_f64()));
    Ok(Run { header, checks, footer })
}

/// What can be found out before the worker answers, until it does: a library takes a while to import.
fn prepare(spec: &Spec, functions: &[&Function], started: &AtomicBool) {
    for function in functions {
        for (rule, dtype) in function.rules.iter().flat_map(|rule| rule.dtypes.iter().map(move |dtype| (rule, dtype))) {
            if started.load(Ordering::Relaxed) {
                return;
            }
            rule.witnesses(spec, function, dtype);
        }
    }
}

/// The dtypes that a library has by name alone or not at all, and why.
fn nominal(
    spec: &Spec,
    identity: &Identity,
    declared: &[DType],
    broken: BTreeMap<DType, String>,
    alone: BTreeMap<DType, String>,
) -> BTreeMap<DType, String> {
    let missing =
        DType::ALL.into_iter().filter(|dtype| !declared.contains(dtype)).map(|dtype| (dtype, "the library does not have it".to_owned()));
    let lacking = spec.capabilities.iter().filter(|capability| identity.capabilities.get(&capability.name) == Some(&false));
    let said = lacking.filter_map(|capability| Some((capability.dtype?, "the library says to lack operations on it".to_owned())));
    let shown = broken.into_iter().map(|(dtype, why)| (dtype, format!("arrays of it do not go in and out unchanged: {why}")));
    missing.chain(alone).chain(said).chain(shown).collect()
}

/// The default dtypes that a library declares.
fn defaults(identity: &Identity) -> Defaults {
    let declared = |kind: &str, otherwise: DType| identity.default_dtypes.get(kind).and_then(|name| name.parse().ok()).unwrap_or(otherwise);
    let usual = Defaults::default();
    Defaults {
        real: declared("real floating", usual.real),
        complex: declared("complex floating", usual.complex),
        integer: declared("integral", usual.integer),
        index: declared("indexing", usual.index),
    }
}

fn header(
    backend: &Backend,
    identity: &Identity,
    options: &Options,
    withdrawn: BTreeMap<String, String>,
    lost: BTreeMap<String, String>,
) -> Header {
    Header {
        format: FORMAT_VERSION,
        tool: Tool { name: "array-assay".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        backend: BackendInfo {
            name: backend.name.clone(),
            library: identity.name.clone(),
            version: identity.version.clone(),
            language: identity.language.clone(),
            platform: identity.platform.clone(),
            devices: identity.devices.clone(),
            dtypes: identity.dtypes.clone(),
            claims: identity.revisions.clone(),
            extensions: identity.extensions.clone(),
            capabilities: identity.capabilities.clone(),
            also: identity.also.clone(),
            withdrawn_layouts: withdrawn,
            scalars_for_arrays: Vec::new(),
            lost,
        },
        revisions: Revision::published().to_vec(),
        draft: None,
        seed: options.seed,
        cases: options.cases,
        options: options.recorded(),
    }
}

#[derive(Default)]
struct Totals {
    calls: u64,
    restarts: u64,
    retries: u64,
    busy_s: f64,
    lanes: u32,
    timing: Timing,
}

impl Totals {
    fn add_lane(&mut self, lane: &Lane<'_>) {
        self.calls += lane.stats.calls;
        self.restarts += lane.stats.restarts;
        self.retries += lane.stats.retries;
        self.busy_s += lane.stats.busy.as_secs_f64();
        self.lanes += 1;
        self.timing.wire_s += lane.stats.wire.as_secs_f64();
        self.timing.wait_s += lane.stats.wait.as_secs_f64();
    }
}

fn footer(revisions: &[Revision], checks: &[Check], totals: &Totals, wall_s: f64) -> Footer {
    let mut verdicts = BTreeMap::new();
    for check in checks {
        *verdicts.entry(check.verdict).or_insert(0) += 1;
    }
    let conforms = |revision: &Revision| {
        let deviates = |check: &Check| check.level == Level::Must && check.deviation_in(*revision).is_some();
        (*revision, !checks.iter().any(deviates))
    };
    Footer {
        checks: checks.len() as u64,
        verdicts,
        conforms: revisions.iter().map(conforms).collect(),
        calls: totals.calls,
        wall_s,
        backend_s: totals.busy_s,
        workers: totals.lanes,
        timing: totals.timing,
        restarts: totals.restarts,
        retries: totals.retries,
    }
}

/// What the functions of a run share.
struct Session<'a> {
    spec: &'a Spec,
    options: &'a Options,
    revisions: &'a [Revision],
    identity: &'a Identity,
    pool: &'a Pool,
    preludes: &'a Preludes<'a>,
    language: &'a Language,
    stop: &'a AtomicBool,
}

impl Session<'_> {
    /// Whether the library has an extension, by its own word or because some function of it is there.
    fn has_extension(&self, extension: &str) -> bool {
        let of = |path: &String| path.strip_prefix(extension).is_some_and(|rest| rest.starts_with('.'));
        self.identity.extensions.iter().any(|name| name == extension) || self.identity.functions.keys().any(of)
    }

    fn run_function(&self, lane: &mut Lane<'_>, function: &Function) -> Result<(Vec<Check>, Timing), StartError> {
        let mut timing = Timing::default();
        let judged = |check: &CheckDefinition| self.options.selects(&check.id) && self.revisions.contains(&check.since);
        let definitions: Vec<CheckDefinition> = function.checks().into_iter().filter(judged).collect();
        let checks = match self.spec.gap(&function.name).filter(|_| function.is_gap()) {
            None => self.run_path(lane, function, &definitions, &mut timing)?,
            Some(gap) => {
                // A polyfill stands at the gap's own path.
                let native = if self.options.polyfills { None } else { gaps::native(gap, self.identity) };
                let mut checks = match &native {
                    Some(native) => self.run_path(lane, native, &definitions, &mut timing)?,
                    None if self.options.polyfills => self.run_path(lane, function, &definitions, &mut timing)?,
                    // What the library has by this name, if anything, means something else.
                    None => definitions.iter().map(|definition| missing(function, definition, self.language)).collect(),
                };
                let there = native.is_some() || self.options.polyfills && self.identity.functions.contains_key(&function.path());
                gaps::note(gap, &self.spec.measures, there, self.identity, &mut checks);
                checks
            }
        };
        Ok((checks, timing))
    }

    /// Runs a function at its path.
    fn run_path(
        &self,
        lane: &mut Lane<'_>,
        function: &Function,
        definitions: &[CheckDefinition],
        timing: &mut Timing,
    ) -> Result<Vec<Check>, StartError> {
        let path = function.owner().map_or_else(|| function.path(), str::to_owned);
        let Some(presence) = self.identity.functions.get(&path) else {
            if function.extension().is_some_and(|extension| !self.has_extension(extension)) {
                return Ok(definitions.iter().map(|definition| absent(function, definition, self.language)).collect());
            }
            let missing = |definition| match self.pool.excuses_all(self.spec, function) {
                Some(why) => excused(function, definition, why),
                None => missing(function, definition, self.language),
            };
            return Ok(definitions.iter().map(missing).collect());
        };
        if definitions.iter().all(|definition| definition.id.property == Property::Present) {
            return Ok(definitions.iter().map(|definition| self.present(function, definition)).collect());
        }
        let (of_accepted, definitions): (Vec<CheckDefinition>, Vec<CheckDefinition>) =
            definitions.iter().cloned().partition(AcceptedCalls::is_judge_of);
        let mut checks = self.run_domain(lane, function, presence, &definitions, timing)?;
        checks.extend(self.run_accepted(lane, function, presence, &of_accepted, timing)?);
        Ok(checks)
    }

    /// Runs a function on operands of its domain.
    fn run_domain(
        &self,
        lane: &mut Lane<'_>,
        function: &Function,
        presence: &Presence,
        definitions: &[CheckDefinition],
        timing: &mut Timing,
    ) -> Result<Vec<Check>, StartError> {
        let shared = (self.options, self.language);
        let capabilities = &self.identity.capabilities;
        let clock = Instant::now();
        if !function.is_elementwise() {
            let Some(stream) = CallStream::new(self.spec, function, self.pool) else {
                let unsupported = |definition| excused(function, definition, NO_DTYPE);
                return Ok(definitions.iter().map(unsupported).collect());
            };
            timing.generate_s += clock.elapsed().as_secs_f64();
            let subject = Calls::new(&stream, self.preludes, capabilities, self.options, self.language);
            return self.run_subject(subject, function, presence, lane, definitions, timing);
        }
        let Some(kernel) = array_assay_oracle::kernel(function.semantics()) else {
            unreachable!("a test compares the kernels with the functions of the spec");
        };
        let subject = Elementwise::new(self.spec, function, kernel, (self.pool, self.preludes), capabilities, shared, definitions);
        timing.generate_s += clock.elapsed().as_secs_f64();
        self.run_subject(subject, function, presence, lane, definitions, timing)
    }

    /// Runs a function on operands that the library may refuse.
    fn run_accepted(
        &self,
        lane: &mut Lane<'_>,
        function: &Function,
        presence: &Presence,
        definitions: &[CheckDefinition],
        timing: &mut Timing,
    ) -> Result<Vec<Check>, StartError> {
        if definitions.is_empty() {
            return Ok(Vec::new());
        }
        let Some(stream) = AcceptedStream::new(self.spec, function, self.pool) else {
            let kept = definitions.iter().filter(|_| self.options.dtypes.is_empty());
            return Ok(kept.map(|definition| excused(function, definition, NO_DTYPE)).collect());
        };
        let subject = AcceptedCalls::new(&stream, &self.identity.capabilities, self.options, self.language);
        self.run_subject(subject, function, presence, lane, definitions, timing)
    }

    /// Why a function that stands for a dtype does so by name alone.
    fn by_name_alone(&self, function: &Function) -> Option<&str> {
        let dtype: DType = function.name.parse().ok().filter(|_| function.category == "data_type")?;
        self.pool.nominal.get(&dtype).map(String::as_str)
    }

    /// The record of the check that a function is there, of one that is.
    fn present(&self, function: &Function, definition: &CheckDefinition) -> Check {
        match self.by_name_alone(function) {
            Some(why) => by_name_alone(function, definition, why),
            None => check(function, definition, vec![], Verdict::Pass),
        }
    }

    fn run_subject(
        &self,
        mut subject: impl Subject,
        function: &Function,
        presence: &Presence,
        lane: &mut Lane<'_>,
        definitions: &[CheckDefinition],
        timing: &mut Timing,
    ) -> Result<Vec<Check>, StartError> {
        let Options { batch, first_deviation_only, .. } = *self.options;
        let drive = Drive { batch, stop: self.stop, first_deviation_only, losses: &self.pool.losses };
        // Whether it is there, and its signature, show without a call.
        if definitions.iter().any(|definition| !matches!(definition.id.property, Property::Present | Property::Signature)) {
            drive.run(&mut subject, lane, timing)?;
        }
        let clock = Instant::now();
        let mut out = Vec::with_capacity(definitions.len());
        for definition in definitions {
            match definition.id.property {
                Property::Present => out.push(self.present(function, definition)),
                Property::Signature => {
                    let unknown = Presence::default();
                    let presence = if function.owner().is_some() { &unknown } else { presence };
                    let cells = signature_cells(function, presence, self.language);
                    let verdict = Cell::overall(cells.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::Pass);
                    out.push(check(function, definition, cells, verdict));
                }
                // With `--dtype` a check that has none of the dtypes is left out.
                _ => out.extend(subject.record(lane, definition)?),
            }
        }
        timing.shrink_s += clock.elapsed().as_secs_f64();
        Ok(out)
    }
}
