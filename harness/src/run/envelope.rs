//! The header and the footer of a results file.

use std::collections::BTreeMap;

use array_assay_format::{BackendInfo, Check, FORMAT_VERSION, Footer, FunctionTime, Header, Level, Revision, Timing, Tool};
use array_assay_interface::Identity;

use super::options::{Backend, Options};
use super::supervisor::Supervisor;

/// The header of a run.
pub(super) fn header(
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

/// What all supervisors of a run did together.
#[derive(Default)]
pub(super) struct Totals {
    pub calls: u64,
    restarts: u64,
    retries: u64,
    busy_s: f64,
    supervisors: u32,
    pub timing: Timing,
    pub functions: BTreeMap<String, FunctionTime>,
}

impl Totals {
    /// Adds what a supervisor did.
    pub fn add_supervisor(&mut self, supervisor: &Supervisor) {
        self.calls += supervisor.stats.calls;
        self.restarts += supervisor.stats.restarts;
        self.retries += supervisor.stats.retries;
        self.busy_s += supervisor.stats.busy.as_secs_f64();
        self.supervisors += 1;
        self.timing.wire_s += supervisor.stats.wire.as_secs_f64();
        self.timing.wait_s += supervisor.stats.wait.as_secs_f64();
    }
}

/// The footer of a run that took `wall_s` seconds.
pub(super) fn footer(revisions: &[Revision], checks: &[Check], totals: &Totals, wall_s: f64) -> Footer {
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
        workers: totals.supervisors,
        timing: totals.timing,
        functions: totals.functions.clone(),
        restarts: totals.restarts,
        retries: totals.retries,
        finished: None,
    }
}
