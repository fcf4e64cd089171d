//! A run in steps: start the worker, probe the library, plan, run the functions on supervisors, collect records, finish.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use array_assay_format::{CONSUMERS, Check, CheckId, Difference, Footer, FunctionTime, Header, Revision, Timing, Writer};
use array_assay_interface::{DType, Defaults, Identity};
use array_assay_spec::consumer::{Profile, profiles};
use array_assay_spec::{Function, Spec, SpecErrors};

use super::device::OnDevice;
use super::envelope::{Totals, footer, header};
use super::gaps;
use super::layouts::{Start, probe, probe_flushes};
use super::options::{Backend, Options};
use super::permissions;
use super::progress::{Event, Progress};
use super::rewrite::Rewrite;
use super::session::Session;
use super::supervisor::Supervisor;
use super::worker::{StartError, WorkerCommand};
use crate::consumers;
use crate::generate::{BackendProfile, CallChains, MAX_RANK, ways};

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RunError {
    #[error("run {backend}: {source}")]
    Start { backend: String, source: StartError },
    #[error("run {backend}: its worker cannot create an array and hand it back, so the adapter is at fault and nothing was judged: {why}")]
    Smoke { backend: String, why: String },
    #[error("run {backend} on {device}: {why}")]
    NoDevice { backend: String, device: String, why: String },
    #[error("select checks: nothing matches {0}; ids have the form category/function::property[/slug]")]
    NothingSelected(String),
    #[error("read the profiles of consumers: {0}")]
    Profiles(&'static SpecErrors),
    #[error("write {}: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("resume {backend}: the {what} of the earlier run is {expected}, now it is {found}; run without --resume")]
    Differs { backend: String, what: &'static str, expected: String, found: String },
}

/// The part of a run that was done before it was stopped.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The header of its results.
    pub header: Header,
    /// The checks of the functions that are complete.
    pub checks: Vec<Check>,
}

impl Earlier {
    /// Its checks, if the run with this header is the same one.
    fn continued_by(self, header: &mut Header) -> Result<Vec<Check>, RunError> {
        if let Some(Difference { what, expected, found }) = self.header.difference(header, &[]) {
            return Err(RunError::Differs { backend: header.backend.name.clone(), what, expected, found });
        }
        if !self.checks.is_empty() {
            header.add_platforms(&self.header);
        }
        Ok(self.checks)
    }
}

/// The place of a check's function in the order of a whole run.
pub fn place(spec: &Spec) -> impl Fn(&CheckId) -> usize {
    let places = spec.with_all_gaps().enumerate().map(|(i, f)| ((f.category.clone(), f.name.clone()), i));
    let order: BTreeMap<(String, String), usize> = places.collect();
    move |id| order.get(&(id.category.clone(), id.function.clone())).copied().unwrap_or(usize::MAX)
}

/// The results of a run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The header.
    pub header: Header,
    /// The checks, in the order of the spec.
    pub checks: Vec<Check>,
    /// The footer. `None` if the run was stopped.
    pub footer: Option<Footer>,
}

/// Runs a backend. Records are written to the partial file of `file` as they are made, if there is one. `earlier` is the part of this run
/// that is done already. `stop` may be set from outside to end the run early.
pub fn conform(
    spec: &'static Spec,
    backend: &Backend,
    options: &Options,
    file: Option<&Path>,
    earlier: Option<Earlier>,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Run, RunError> {
    let began = Instant::now();
    let conformance = Conformance { spec, backend, options, stop, progress };
    let mut started = conformance.start()?;
    let Probed { profile, mut header } = conformance.probe(&mut started)?;
    let done = match earlier {
        Some(earlier) => earlier.continued_by(&mut header)?,
        None => Vec::new(),
    };
    let todo = conformance.plan(&started.functions, &done);
    let records = Records::create(file, &header, done)?;
    let (workloads, rewrite, identity) = (started.workloads.clone(), started.rewrite.clone(), started.identity.clone());
    let Collected { mut checks, mut totals } = conformance.drive(started, &profile, &todo, records)?;
    if !workloads.is_empty() && !stop.load(Ordering::Relaxed) {
        checks.extend(conformance.replay(&workloads, rewrite, &identity, &mut totals)?);
    }
    Ok(conformance.finish(header, checks, &totals, began))
}

/// What every step of a run needs.
struct Conformance<'a> {
    spec: &'static Spec,
    backend: &'a Backend,
    options: &'a Options,
    stop: &'a AtomicBool,
    progress: &'a dyn Progress,
}

/// A library whose first worker is running.
struct Started {
    supervisor: Supervisor,
    identity: Identity,
    rewrite: Option<Arc<dyn Rewrite>>,
    /// The functions to run: those that are selected and belong to the revisions.
    functions: Vec<&'static Function>,
    /// The revisions by which checks are judged.
    revisions: &'static [Revision],
    /// The workloads of consumers to replay.
    workloads: Vec<&'static Profile>,
}

/// What the library offers, and the header of the results.
struct Probed {
    profile: BackendProfile,
    header: Header,
}

/// The records of all supervisors.
struct Collected {
    checks: Vec<Check>,
    totals: Totals,
}

impl Conformance<'_> {
    /// Starts the first worker, and finds out which library it is and which functions it has.
    fn start(&self) -> Result<Started, RunError> {
        let mut functions = self.options.functions(self.spec);
        let selects = self.options.select.iter().any(|glob| glob.to_string().starts_with(CONSUMERS));
        let workloads = match (selects, self.options.consumers) {
            (true, _) => consumers::selected(&self.options.select, profiles().map_err(RunError::Profiles)?),
            (false, true) => profiles().map_err(RunError::Profiles)?.iter().collect(),
            (false, false) => Vec::new(),
        };
        if functions.is_empty() && workloads.is_empty() {
            return Err(self.nothing_selected());
        }
        let names = self.names(&functions);
        let started = AtomicBool::new(false);
        let (supervisor, mut identity) = std::thread::scope(|scope| {
            scope.spawn(|| work_ahead(self.spec, &functions, &started));
            let supervisor = self.supervisor(self.backend.command.clone(), &names);
            started.store(true, Ordering::Relaxed);
            supervisor
        })
        .map_err(|source| self.not_started(source))?;
        let draft = Revision::Draft.word();
        let has_draft = self.options.draft || identity.revisions.iter().any(|claim| claim == draft);
        let revisions = if has_draft { Revision::ALL } else { Revision::published() };
        functions.retain(|function| revisions.contains(&function.since));
        if functions.is_empty() && workloads.is_empty() {
            return Err(self.nothing_selected());
        }
        let rewrite = match &self.options.device {
            Some(device) => Some(self.on_device(device, &identity)?),
            None => self.options.rewrite.map(|make| make(self.spec, &mut identity)),
        };
        let supervisor = supervisor.with_rewrite(rewrite.clone());
        let (library, version) = (&identity.name, &identity.version);
        self.progress.event(Event::Started { backend: &self.backend.name, library, version, functions: functions.len() + workloads.len() });
        for (question, what) in supervisor.left_out() {
            self.progress.event(Event::Note(&format!("the worker {what} when it asked the library for `{question}`, which is left out")));
        }
        Ok(Started { supervisor, identity, rewrite, functions, revisions, workloads })
    }

    /// The rewrite that makes the calls on a device, if the library has it.
    fn on_device(&self, device: &str, identity: &Identity) -> Result<Arc<dyn Rewrite>, RunError> {
        let no_device = |why: String| RunError::NoDevice { backend: self.backend.name.clone(), device: device.to_owned(), why };
        if self.options.rewrite.is_some() {
            return Err(no_device("a library with polyfills runs on its default device alone; leave out --device".to_owned()));
        }
        if !identity.devices.iter().any(|known| known == device) {
            return Err(no_device(format!("the library's devices are {}; choose one of them", identity.devices.join(", "))));
        }
        Ok(Arc::new(OnDevice(device.to_owned())))
    }

    /// The paths of functions that the worker is asked about.
    fn names(&self, functions: &[&Function]) -> Vec<String> {
        // A method of an object exists if the function that returns the object does.
        let mut names: Vec<String> = functions.iter().map(|f| f.owner().map_or_else(|| f.path(), str::to_owned)).collect();
        // The library is not known yet, so every native name of a gap is asked about.
        names.extend(functions.iter().filter(|f| f.is_gap()).filter_map(|f| self.spec.gap(&f.name)).flat_map(gaps::names));
        if self.options.rewrite.is_some() {
            // A rewritten program may call any function.
            names.extend(self.spec.with_gaps().filter(|f| f.owner().is_none()).map(Function::path));
        }
        // Some functions share a path, such as `==` of arrays and of dtypes.
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Finds out which dtypes, layouts and devices the library offers, and what it lacks.
    fn probe(&self, started: &mut Started) -> Result<Probed, RunError> {
        let Started { supervisor, identity, functions, revisions, .. } = started;
        let failed = |source| self.not_started(source);
        let declared: Vec<DType> = identity.dtypes.iter().filter_map(|name| name.parse().ok()).collect();
        let probed = probe(supervisor, &declared, &identity.devices, ways(&identity.layouts, &identity.representations)).map_err(failed)?;
        if probed.dtypes.is_empty() {
            let nothing = || "it declares no dtype of the standard".to_owned();
            let why = probed.broken.iter().next().map_or_else(nothing, |(d, why)| format!("{d}: {why}"));
            return Err(RunError::Smoke { backend: self.backend.name.clone(), why });
        }
        if supervisor.is_validated() {
            let of_one_array = functions.iter().filter(|f| f.operands.len() == 1 && identity.functions.contains_key(&f.path()));
            let mut calls = of_one_array.flat_map(|f| probed.dtypes.iter().map(move |d| (f, *d)));
            if let Some((function, dtype)) = calls.find(|(f, d)| f.operands[0].dtypes.contains(*d)) {
                probe_flushes(supervisor, &function.path(), dtype).map_err(failed)?;
            }
        }
        self.tell(&probed);
        let mut header = header(self.backend, identity, self.options, probed.withdrawn, probed.lost);
        header.backend.scalars_for_arrays = probed.scalars;
        header.revisions = revisions.to_vec();
        header.draft = revisions.contains(&Revision::Draft).then(|| self.spec.draft.clone());
        let selected = |d: &DType| self.options.dtypes.is_empty() || self.options.dtypes.contains(d);
        let alone = permissions::by_name_alone(self.spec, supervisor, &probed.dtypes).map_err(failed)?;
        // The questions at the start do not depend on what is selected.
        let everything = BackendProfile {
            dtypes: probed.dtypes.clone(),
            layouts: probed.layouts,
            unlaid: probed.unlaid,
            losses: probed.losses,
            max_rank: MAX_RANK,
            devices: probed.devices,
            tells_device: probed.tells_device,
            defaults: Defaults::named(&identity.default_dtypes),
            shapes: identity.shapes.clone(),
            unusable: unusable(self.spec, identity, &declared, probed.broken, alone),
            lacks: BTreeMap::new(),
            rank_limit: None,
        };
        let lacks = permissions::lacking(self.spec, supervisor, identity, &everything, revisions).map_err(failed)?;
        let rank_limit = permissions::rank_limit(self.spec, supervisor, &everything).map_err(failed)?;
        for why in lacks.values().chain(rank_limit.as_ref().map(|limit| &limit.why)) {
            self.progress.event(Event::Note(why));
        }
        let profile = BackendProfile { dtypes: probed.dtypes.iter().copied().filter(selected).collect(), lacks, rank_limit, ..everything };
        Ok(Probed { profile, header })
    }

    /// Reports what the start showed.
    fn tell(&self, probed: &Start) {
        for (dtype, why) in &probed.broken {
            self.progress.event(Event::Note(&format!("{dtype} arrays do not come back unchanged, so they are left out: {why}")));
        }
        if !probed.scalars.is_empty() {
            let types = probed.scalars.join(", ");
            self.progress.event(Event::Note(&format!("these scalar objects have the attributes of arrays and count as arrays: {types}")));
        }
        for (what, why) in &probed.lost {
            let note = format!("these values do not come back from the library unchanged, so they are not drawn: {what}: {why}");
            self.progress.event(Event::Note(&note));
        }
        for (layout, why) in &probed.withdrawn {
            self.progress.event(Event::Withdrawn { layout, why });
        }
    }

    /// The functions that are left to run, in the order in which supervisors take them.
    fn plan(&self, functions: &[&'static Function], done: &[Check]) -> Vec<&'static Function> {
        let kept: BTreeSet<(&str, &str)> = done.iter().map(|check| (&*check.id.category, &*check.id.function)).collect();
        let mut todo: Vec<_> = functions.iter().copied().filter(|f| !kept.contains(&(&*f.category, &*f.name))).collect();
        if self.options.jobs > 1 {
            // The longest come first, so that no supervisor is idle for long at the end.
            todo.sort_by_key(|function| std::cmp::Reverse(function.rules.len()));
        }
        todo
    }

    /// Runs the functions over as many supervisors as there are jobs.
    fn drive(
        &self,
        started: Started,
        profile: &BackendProfile,
        todo: &[&'static Function],
        records: Records,
    ) -> Result<Collected, RunError> {
        let Started { supervisor, identity, rewrite, revisions, .. } = started;
        let of_chains = profile.without_capabilities(self.spec);
        let chains = CallChains::new(self.spec, &of_chains);
        let (spec, options, language, stop) = (self.spec, self.options, &self.backend.language, self.stop);
        let left_out = supervisor.left_out().clone();
        let session =
            Session { spec, options, revisions, identity: &identity, left_out: &left_out, profile, chains: &chains, language, stop };
        let queue = Queue { functions: todo, next: AtomicUsize::new(0) };
        let records = Mutex::new(records);
        let command = supervisor.command().clone();
        std::thread::scope(|scope| {
            let extra = options.jobs.clamp(1, todo.len().max(1)) - 1;
            for _ in 0..extra {
                scope.spawn(|| {
                    if let Ok((supervisor, _)) = self.supervisor(command.clone(), &[]) {
                        self.work(supervisor.with_rewrite(rewrite.clone()), &session, &queue, &records);
                    }
                });
            }
            self.work(supervisor, &session, &queue, &records);
        });
        let Records { checks, totals, error, .. } = records.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        match error {
            Some(error) => Err(self.not_started(error)),
            None => Ok(Collected { checks, totals }),
        }
    }

    /// Replays the workloads of consumers on a worker of their own.
    fn replay(
        &self,
        workloads: &[&'static Profile],
        rewrite: Option<Arc<dyn Rewrite>>,
        identity: &Identity,
        totals: &mut Totals,
    ) -> Result<Vec<Check>, RunError> {
        let supervisor = self.supervisor(self.backend.command.clone(), &[]).map_err(|source| self.not_started(source))?.0;
        let mut supervisor = supervisor.with_rewrite(rewrite);
        let device = self.options.device.clone().or_else(|| identity.devices.first().cloned()).unwrap_or_else(|| "cpu".to_owned());
        let mut subject = consumers::Subject { supervisor: &mut supervisor, device, known: &self.options.known };
        let selects = |id: &CheckId| self.options.selects(id);
        let mut goes_on = |profile: &Profile| {
            self.progress.event(Event::Function { name: &profile.name, checks: 2, deviations: 0, calls: totals.calls });
            !self.stop.load(Ordering::Relaxed)
        };
        let checks = consumers::replay(&mut subject, workloads, &selects, &mut goes_on).map_err(|source| self.not_started(source))?;
        totals.add_supervisor(&supervisor);
        Ok(checks)
    }

    /// Runs functions on one supervisor, until none is left.
    fn work(&self, mut supervisor: Supervisor, session: &Session<'_>, queue: &Queue<'_>, records: &Mutex<Records>) {
        while let Some(function) = queue.take().filter(|_| !self.stop.load(Ordering::Relaxed)) {
            let (began, calls, used) = (Instant::now(), supervisor.stats.calls, supervisor.time_run());
            let result = session.run_function(&mut supervisor, function);
            let time = FunctionTime {
                calls: supervisor.stats.calls - calls,
                wall_s: began.elapsed().as_secs_f64(),
                cpu_s: time_between(used, supervisor.time_run()),
            };
            let Ok(mut records) = records.lock() else { break };
            match result {
                Ok((checks, timing)) if !self.stop.load(Ordering::Relaxed) => {
                    records.totals.functions.insert(function.id(), time);
                    records.add(function, checks, &timing, supervisor.stats.calls, self.progress);
                }
                // The run was stopped during the function, which is left to `--resume`.
                Ok(_) => break,
                Err(_) if self.stop.load(Ordering::Relaxed) => break,
                Err(error) => {
                    records.error = Some(error);
                    self.stop.store(true, Ordering::Relaxed);
                    break;
                }
            }
        }
        if let Ok(mut records) = records.lock() {
            records.totals.add_supervisor(&supervisor);
        }
    }

    /// Sorts the records by the order of the spec, and adds a footer if the run was not stopped.
    fn finish(&self, header: Header, mut checks: Vec<Check>, totals: &Totals, began: Instant) -> Run {
        let place = place(self.spec);
        checks.sort_by_cached_key(|check| place(&check.id));
        let finished = !self.stop.load(Ordering::Relaxed);
        let footer = finished.then(|| footer(&header.revisions, &checks, totals, began.elapsed().as_secs_f64()));
        Run { header, checks, footer }
    }

    /// A supervisor with its own worker, which is asked about functions by path.
    fn supervisor(&self, command: WorkerCommand, names: &[String]) -> Result<(Supervisor, Identity), StartError> {
        Supervisor::start(command, names, self.options.limits, self.options.validation.clone())
    }

    fn not_started(&self, source: StartError) -> RunError {
        RunError::Start { backend: self.backend.name.clone(), source }
    }

    fn nothing_selected(&self) -> RunError {
        let globs: Vec<String> = self.options.select.iter().map(ToString::to_string).collect();
        RunError::NothingSelected(globs.join(", "))
    }
}

/// The seconds that a process ran between two looks at its id and its time. `None` if it was another one, or if the system does not say.
fn time_between(before: Option<(u32, Duration)>, after: Option<(u32, Duration)>) -> Option<f64> {
    let ((of_before, before), (of_after, after)) = (before?, after?);
    (of_before == of_after).then(|| after.saturating_sub(before).as_secs_f64())
}

/// The functions that supervisors take one by one.
struct Queue<'a> {
    functions: &'a [&'static Function],
    next: AtomicUsize,
}

impl Queue<'_> {
    /// The next function. `None` if none is left.
    fn take(&self) -> Option<&'static Function> {
        self.functions.get(self.next.fetch_add(1, Ordering::Relaxed)).copied()
    }
}

/// The records of the supervisors, and the file that they are written to.
struct Records {
    checks: Vec<Check>,
    totals: Totals,
    /// Why a supervisor could not go on.
    error: Option<StartError>,
    writer: Option<Writer>,
}

impl Records {
    /// The records of an earlier run, written to a new file.
    fn create(file: Option<&Path>, header: &Header, done: Vec<Check>) -> Result<Records, RunError> {
        let failed = |source| RunError::Write { path: file.map(Path::to_path_buf).unwrap_or_default(), source };
        let writer = file.map(|path| Writer::create(path, header, &done)).transpose().map_err(failed)?;
        Ok(Records { checks: done, totals: Totals::default(), error: None, writer })
    }

    /// Adds the records of a function. `calls` is the number of calls that its supervisor has made so far.
    fn add(&mut self, function: &Function, mut checks: Vec<Check>, timing: &Timing, calls: u64, progress: &dyn Progress) {
        if let Some(last) = checks.last_mut() {
            last.last_of_function = true;
        }
        let deviations = checks.iter().filter(|c| c.deviation_in(Revision::NEWEST).is_some() && c.is_of_standard()).count();
        self.totals.timing.add(timing);
        let calls = self.totals.calls + calls;
        progress.event(Event::Function { name: &function.name, checks: checks.len(), deviations, calls });
        if let Some(writer) = &mut self.writer {
            let written = checks.iter().try_for_each(|check| writer.check(check)).and_then(|()| writer.flush());
            if let Err(error) = written {
                progress.event(Event::Note(&format!("failed to write a record: {error}")));
            }
        }
        self.checks.extend(checks);
    }
}

/// Works out the witnesses of special cases while the worker starts, because a library takes a while to import.
fn work_ahead(spec: &Spec, functions: &[&Function], started: &AtomicBool) {
    for function in functions {
        for (rule, dtype) in function.rules.iter().flat_map(|rule| rule.dtypes.iter().map(move |dtype| (rule, dtype))) {
            if started.load(Ordering::Relaxed) {
                return;
            }
            rule.witnesses(spec, function, dtype);
        }
    }
}

/// The unusable dtypes and those that the library does not have, each with the reason.
fn unusable(
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
