//! The tables of consumers for machines.

use std::collections::BTreeMap;

use array_assay_format::{Check, ConsumerCase};
use serde::Serialize;

use super::background::{Background, Claimed, Freedom};
use super::model::{Run, Site};
use crate::impact::impacts;
use crate::text::one_line;

#[derive(Serialize)]
struct Consumers {
    schema: &'static str,
    /// By workload and key of the library.
    workloads: BTreeMap<String, BTreeMap<String, Vec<Case>>>,
    /// By key of the library.
    impact: BTreeMap<String, Vec<Impact>>,
    claims: Vec<Claim>,
    freedoms: Vec<Taken>,
}

/// A case, what came of its replay, and what the real consumer does.
#[derive(Serialize)]
struct Case {
    case: String,
    end: String,
    why: String,
    blockers: Vec<Blocker>,
    really: Option<String>,
}

#[derive(Serialize)]
struct Blocker {
    function: String,
    at: String,
    statement: String,
    message: String,
}

/// A function, and the workloads that it blocks alone, at all, and first.
#[derive(Serialize)]
struct Impact {
    function: String,
    only: Vec<String>,
    any: Vec<String>,
    first: Vec<String>,
}

#[derive(Serialize)]
struct Claim {
    consumer: String,
    workload: String,
    library: String,
    standing: &'static str,
    disagrees: bool,
    says: String,
    really: String,
}

#[derive(Serialize)]
struct Taken {
    freedom: String,
    workloads: usize,
    leaning: Vec<Leans>,
}

#[derive(Serialize)]
struct Leans {
    workload: String,
    silent: bool,
    says: String,
}

/// `data/consumers.json`. `None` if no run replayed a consumer.
pub fn twin(site: &Site, background: Option<&Background>) -> Option<String> {
    let runs: Vec<&Run> = site.runs.iter().filter(|run| !run.replays.is_empty()).collect();
    if runs.is_empty() {
        return None;
    }
    let mut workloads: BTreeMap<String, BTreeMap<String, Vec<Case>>> = BTreeMap::new();
    for run in &runs {
        for check in &run.replays {
            let of_library = workloads.entry(one_line(&check.id.function, 120)).or_default();
            of_library.insert(run.label.key.clone(), cases(run, check, background));
        }
    }
    let names = |names: std::collections::BTreeSet<String>| names.iter().map(|name| one_line(name, 120)).collect();
    let impact = |run: &&Run| {
        let ranked = impacts(&run.replays).into_iter().map(|impact| Impact {
            function: one_line(&impact.function, 80),
            only: names(impact.only),
            any: names(impact.any),
            first: names(impact.first),
        });
        (run.label.key.clone(), ranked.collect())
    };
    let data = Consumers {
        schema: "schema.json#/$defs/consumers",
        workloads,
        impact: runs.iter().map(impact).collect(),
        claims: background.iter().flat_map(|background| background.consumers.claims.iter().map(claim)).collect(),
        freedoms: background.iter().flat_map(|background| background.consumers.freedoms.iter().map(taken)).collect(),
    };
    Some(serde_json::to_string(&data).unwrap_or_default() + "\n")
}

fn cases(run: &Run, check: &Check, background: Option<&Background>) -> Vec<Case> {
    let truth = background.and_then(|background| background.consumers.truth.get(&run.header.backend.name));
    let case = |case: &ConsumerCase| {
        let really = truth.into_iter().flatten().find(|really| really.workload == check.id.function && really.case == case.name);
        let blocker = |blocker: &array_assay_format::Blocker| Blocker {
            function: one_line(&blocker.function, 80),
            at: one_line(&blocker.at, 160),
            statement: one_line(&blocker.statement, 200),
            message: one_line(&blocker.message, 300),
        };
        Case {
            case: one_line(&case.name, 80),
            end: case.end.to_string(),
            why: one_line(&case.why, 300),
            blockers: case.blockers.iter().map(blocker).collect(),
            really: really.map(|really| one_line(&really.says, 300)),
        }
    };
    super::replays::cases(check).iter().map(case).collect()
}

fn claim(of: &Claimed) -> Claim {
    Claim {
        consumer: one_line(&of.consumer, 80),
        workload: one_line(&of.workload, 120),
        library: one_line(&of.library, 80),
        standing: of.standing.says(),
        disagrees: of.standing.disagrees(),
        says: one_line(&of.says, 300),
        really: one_line(&of.really, 300),
    }
}

fn taken(of: &Freedom) -> Taken {
    let leans = |leaning: &super::background::Leaning| Leans {
        workload: one_line(&leaning.workload, 120),
        silent: leaning.silent,
        says: one_line(&leaning.says, 300),
    };
    Taken { freedom: one_line(&of.name, 80), workloads: of.workloads, leaning: of.leaning.iter().map(leans).collect() }
}
