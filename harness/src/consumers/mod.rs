//! Replays what consumers such as scikit-learn call, on a library under test: which workloads run, what stands in the way of the others,
//! and at which line of the consumer.
//!
//! A replay is judged by what the consumer itself gives for NumPy's arrays. Behind a step that fails it goes on with the reference's value,
//! so that all blockers are found, in order.

mod compare;
mod difference;
mod record;
mod reference;
mod replay;
mod subject;

use array_assay_format::{Check, CheckId, Glob, Property};
use array_assay_interface::{Arg, Array, DType, Element, Outcome, Program, Role, Scalar, Step, Value};
use array_assay_spec::consumer::{Face, Profile, profiles};

use crate::observed::Observed;
use crate::run::{StartError, Supervisor};

use record::records;
use subject::Replay;

pub use subject::Subject;

/// The profiles that globs select. A glob has to name the category: no run replays consumers unless it is asked to.
pub fn selected<'p>(select: &[Glob], profiles: &'p [Profile]) -> Vec<&'p Profile> {
    let asks = |glob: &&Glob| glob.to_string().starts_with(array_assay_format::CONSUMERS);
    let globs: Vec<&Glob> = select.iter().filter(asks).collect();
    let matches = |profile: &&Profile| globs.iter().any(|glob| glob.matches_function(array_assay_format::CONSUMERS, &profile.function()));
    profiles.iter().filter(matches).collect()
}

/// The ids of the checks of the workloads whose profiles are built in.
pub fn ids() -> impl Iterator<Item = CheckId> {
    let profiles = profiles().unwrap_or_default();
    profiles.iter().flat_map(|profile| [Property::Call, Property::Value].map(|property| record::id(profile, property)))
}

/// Replays profiles, and returns their records. `said` is called with each workload before it runs, and ends the run if it says so.
pub fn replay(
    subject: &mut Subject<'_>,
    profiles: &[&Profile],
    selects: &dyn Fn(&CheckId) -> bool,
    goes_on: &mut dyn FnMut(&Profile) -> bool,
) -> Result<Vec<Check>, StartError> {
    let face = face(subject.supervisor)?;
    let mut checks = Vec::new();
    for profile in profiles.iter().take_while(|profile| goes_on(profile)) {
        subject.supervisor.begin_function();
        let mut cases = Vec::new();
        for case in &profile.cases {
            let Some(trace) = case.program(face) else { continue };
            cases.push(Replay { case, trace, face }.run(subject)?);
        }
        checks.extend(records(profile, face, cases).into_iter().filter(|check| selects(&check.id)));
    }
    Ok(checks)
}

/// The kind of library that consumers take this one for, as its arrays behave: whether elements can be assigned, and whether the size of a
/// selection is known.
fn face(supervisor: &mut Supervisor) -> Result<Face, StartError> {
    let input = Array::from_elements(DType::Float64, vec![3], [0.0, 1.0, 2.0].map(Element::F64));
    let step = |function: &str, args: Vec<Arg>| Step { function: function.to_owned(), args, kwargs: Vec::new(), role: Role::Subject };
    let one = || Arg::Scalar(Scalar::Float(1.0));
    let assigns = Program {
        inputs: vec![input.clone()],
        steps: vec![step("operator.setitem", vec![Arg::Register(0), Arg::int(0), one()])],
        returns: vec![0],
    };
    if !matches!(supervisor.run_one(&assigns)?, Observed::Outcome(Outcome::Values(_))) {
        return Ok(Face::Immutable);
    }
    let selects = Program {
        inputs: vec![input],
        steps: vec![
            step("operator.gt", vec![Arg::Register(0), one()]),
            step("operator.getitem", vec![Arg::Register(0), Arg::Register(1)]),
            step("attribute.shape", vec![Arg::Register(2)]),
        ],
        returns: vec![3],
    };
    let known = |value: &Value| matches!(value, Value::Tuple(sizes) if sizes.iter().all(|n| matches!(n, Value::Scalar(Scalar::Int(_)))));
    let observed = supervisor.run_one(&selects)?;
    Ok(if observed.values().first().is_some_and(known) { Face::Eager } else { Face::Deferred })
}
