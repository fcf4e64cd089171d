//! The records of a workload: its checks `call` and `value`.

use std::collections::BTreeMap;

use array_assay_format::{
    CONSUMERS, Cause, Cell, Check, CheckId, Classes, ConsumerCase, ConsumerRecord, Level, Property, ReplayEnd, Revision, Verdict,
};
use array_assay_spec::consumer::{Face, Profile};

/// The records of a workload.
pub fn records(profile: &Profile, face: Face, cases: Vec<ConsumerCase>) -> [Check; 2] {
    let call = check(profile, Property::Call, cells(&cases, call_verdict));
    let mut value = check(profile, Property::Value, cells(&cases, value_verdict));
    if value.verdict == Verdict::Blocked {
        value.blocked_by = Some(call.id.clone());
    }
    let record = ConsumerRecord { version: profile.version.clone(), says: profile.says.clone(), face: face.to_string(), cases };
    value.last_of_function = true;
    [Check { consumer: Some(Box::new(record)), ..call }, value]
}

/// What the end of a replay says of a check.
type Judgement = (Verdict, Option<Cause>);

fn call_verdict(case: &ConsumerCase) -> Judgement {
    match (case.end, case.blockers.first()) {
        (_, Some(blocker)) => {
            let verdict = match blocker.cause {
                Cause::MissingName => Verdict::Missing,
                Cause::TimedOut => Verdict::Timeout,
                Cause::Crashed | Cause::OutOfMemory => Verdict::Crash,
                _ => Verdict::Fail,
            };
            (verdict, Some(blocker.cause))
        }
        (ReplayEnd::Right | ReplayEnd::Wrong | ReplayEnd::Freedom | ReplayEnd::Host, None) => (Verdict::Pass, None),
        _ => (Verdict::NotTested, None),
    }
}

fn value_verdict(case: &ConsumerCase) -> Judgement {
    match (case.end, case.blockers.is_empty()) {
        (_, false) => (Verdict::Blocked, None),
        (ReplayEnd::Right, true) => (Verdict::Pass, None),
        (ReplayEnd::Wrong, true) => (Verdict::Fail, Some(Cause::WrongValue)),
        _ => (Verdict::NotTested, None),
    }
}

/// One cell for each dtype.
fn cells(cases: &[ConsumerCase], judge: fn(&ConsumerCase) -> Judgement) -> Vec<Cell> {
    let mut by_dtype: BTreeMap<&str, Vec<&ConsumerCase>> = BTreeMap::new();
    for case in cases {
        by_dtype.entry(case.name.split('-').next().unwrap_or_default()).or_default().push(case);
    }
    let cell = |(dtype, cases): (&str, Vec<&ConsumerCase>)| {
        let judged: Vec<Judgement> = cases.iter().map(|case| judge(case)).collect();
        let verdict = Cell::overall(judged.iter().map(|(verdict, _)| *verdict)).unwrap_or(Verdict::NotTested);
        let worst = judged.iter().position(|(of, _)| *of == verdict).unwrap_or(0);
        Cell {
            dtype: dtype.to_owned(),
            device: String::new(),
            verdict,
            cause: judged[worst].1,
            since: None,
            cases: judged.iter().filter(|(verdict, _)| verdict.is_judged()).count() as u64,
            failures: judged.iter().filter(|(verdict, _)| verdict.is_deviation()).count() as u64,
            kinds: BTreeMap::new(),
            classes: Classes::default(),
            accuracy: None,
            counterexample: None,
            note: note(cases[worst]),
        }
    };
    by_dtype.into_iter().map(cell).collect()
}

/// What a reader has to know of a case that is not simply right.
fn note(case: &ConsumerCase) -> Option<String> {
    if let Some(first) = case.blockers.first() {
        let more = match case.blockers.len() {
            1 => String::new(),
            n => format!("; {} more behind it", n - 1),
        };
        return Some(format!("{}: `{}` at {}: {}{more}", case.name, first.statement, first.at, first.message));
    }
    (case.end != ReplayEnd::Right).then(|| format!("{}: {}: {}", case.name, case.end, case.why))
}

/// The id of a check of a workload.
pub fn id(profile: &Profile, property: Property) -> CheckId {
    CheckId { category: CONSUMERS.to_owned(), function: profile.function(), property, slug: None }
}

fn check(profile: &Profile, property: Property, cells: Vec<Cell>) -> Check {
    let function = profile.function();
    Check {
        id: id(profile, property),
        function,
        category: CONSUMERS.to_owned(),
        property,
        level: Level::Quality,
        gated_at: None,
        since: Revision::ALL[0],
        until: None,
        verdict: Cell::overall(cells.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested),
        cells,
        clause: None,
        doubt: None,
        blocked_by: None,
        exercised: BTreeMap::new(),
        covered: None,
        gap: None,
        consumer: None,
        last_of_function: false,
    }
}
