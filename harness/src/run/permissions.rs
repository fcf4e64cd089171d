//! Finds out what a library lacks, before anything is judged: by what it declares, or else by a few calls. The calls do not depend on what
//! is selected, nor on jobs and shards, so their answer is the same.

use std::collections::BTreeMap;

use array_assay_format::Revision;
use array_assay_interface::{Arg, Array, DType, Element, Identity, Outcome, Program, Role, Scalar, Step, Value};
use array_assay_oracle::call::Expectation;
use array_assay_spec::{Capability, Function, Spec};

use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::generate::{BackendProfile, CallStream, RankLimit};
use crate::observed::Observed;

/// The number of calls of each function that are tried for a capability.
const CALLS: usize = 6;

/// The number of indices of the function's stream among which such calls are looked for.
const INDICES: u64 = 400;

/// The number of characters of an exception's message that are shown.
const MESSAGE: usize = 120;

/// The greatest rank that is tried.
const MAX_RANK: usize = 10;

/// What calls that need a capability show.
enum Shown {
    /// A call returned.
    Works,
    /// A call returned an array with a size that is not known. Holds the function's path.
    UnknownSizes(String),
    /// No call returned. Holds the number of calls that were refused.
    Refused(usize),
}

/// The capabilities that the library lacks, by name, each with the reason. `profile` holds everything else about the library.
pub fn lacking(
    spec: &Spec,
    supervisor: &mut Supervisor,
    identity: &Identity,
    profile: &BackendProfile,
    revisions: &[Revision],
) -> Result<BTreeMap<String, String>, StartError> {
    let mut shown = Vec::new();
    for capability in spec.capabilities.iter().filter(|capability| !identity.capabilities.contains_key(&capability.name)) {
        if capability.permitted && !capability.excuses.is_empty() {
            shown.push((capability, tried(spec, supervisor, capability, profile, revisions)?));
        }
    }
    let unknown = shown.iter().find_map(|(_, shown)| if let Shown::UnknownSizes(call) = shown { Some(call) } else { None });
    let why = |(capability, shown): &(&Capability, Shown)| {
        let name = &capability.name;
        match (shown, unknown) {
            (_, Some(call)) if capability.graphs => {
                Some(format!("the library builds graphs, for a result of `{call}` has an unknown size, and may refuse what needs {name}"))
            }
            (Shown::Refused(calls), _) if *calls > 0 => {
                Some(format!("the library lacks {name} as a whole, as the standard permits: it refused each of {calls} calls"))
            }
            _ => None,
        }
    };
    let declared = identity.capabilities.iter().filter(|(_, has)| !**has);
    let declared = declared.map(|(name, _)| (name.clone(), format!("the library says that it lacks {name}")));
    Ok(declared.chain(shown.iter().filter_map(|of| Some((of.0.name.clone(), why(of)?)))).collect())
}

/// What a few calls that need the capability show.
fn tried(
    spec: &Spec,
    supervisor: &mut Supervisor,
    capability: &Capability,
    profile: &BackendProfile,
    revisions: &[Revision],
) -> Result<Shown, StartError> {
    let without = BackendProfile { lacks: BTreeMap::from([(capability.name.clone(), String::new())]), ..profile.clone() };
    let names = |function: &&Function| capability.excuses.iter().any(|excuse| excuse.names(function));
    let mut refused = 0;
    for function in spec.functions.iter().filter(names).filter(|function| revisions.contains(&function.since)) {
        let Some(stream) = CallStream::new(spec, function, &without) else { continue };
        let cases = (0..INDICES).filter_map(|index| stream.case(0, index));
        for case in cases.filter(|case| case.excused.is_some() && case.unusable.is_none()).take(CALLS) {
            let mut program = case.call.program(function);
            let subject = program.steps.iter().rposition(|step| step.function == function.path()).unwrap_or_default();
            program.steps.truncate(subject + 1);
            let result = (program.inputs.len() + subject) as u32;
            program.returns.clear();
            if function.result.mutates.is_none() {
                ask_for_shape(&mut program, result, &case.expectation);
            }
            match supervisor.run_one(&program)? {
                Observed::Outcome(Outcome::Values(values)) if has_unknown_size(&values) => {
                    return Ok(Shown::UnknownSizes(function.path()));
                }
                Observed::Outcome(Outcome::Raised { step, .. } | Outcome::Missing { step, .. }) => match step.map(|step| step as usize) {
                    Some(step) if step == subject => refused += 1,
                    // An argument could not be prepared, which says nothing of the capability.
                    Some(step) if step < subject => {}
                    None => {}
                    Some(_) => return Ok(Shown::Works),
                },
                Observed::Outcome(_) => return Ok(Shown::Works),
                // A fault of the process does not count as a refusal.
                _ => return Ok(Shown::Works),
            }
        }
    }
    Ok(Shown::Refused(refused))
}

/// Lets a program return the shape of its result, or of the first array in it.
fn ask_for_shape(program: &mut Program, mut result: u32, expectation: &Expectation) {
    let mut ask = |function: &str, args| {
        program.steps.push(Step { function: function.to_owned(), args, kwargs: vec![], role: Role::Subject });
        (program.inputs.len() + program.steps.len() - 1) as u32
    };
    match expectation {
        Expectation::Jointly(inner, _) | Expectation::Graded(inner, _) => return ask_for_shape(program, result, inner),
        Expectation::Tuple(_) | Expectation::List(_) | Expectation::Named(_) => {
            result = ask("operator.getitem", vec![Arg::Register(result), Arg::Scalar(Scalar::Int(0))]);
        }
        Expectation::Array(_) => {}
        _ => return,
    }
    let shape = ask("attribute.shape", vec![Arg::Register(result)]);
    program.returns.push(shape);
}

/// Whether a shape has a size that is not known: `None` or NaN.
fn has_unknown_size(values: &[Value]) -> bool {
    let [Value::Tuple(sizes) | Value::List(sizes)] = values else { return false };
    sizes.iter().any(|size| matches!(size, Value::None | Value::Scalar(Scalar::Float(_))))
}

/// The greatest rank of the library's arrays, if the library declares one or calls show one.
pub fn rank_limit(spec: &Spec, supervisor: &mut Supervisor, profile: &BackendProfile) -> Result<Option<RankLimit>, StartError> {
    let Some(required) = spec.capabilities.iter().find_map(|capability| capability.above_rank) else { return Ok(None) };
    let declared = declared_rank(supervisor)?.filter(|rank| *rank >= required);
    if let Some(rank) = declared.filter(|rank| *rank < MAX_RANK) {
        return Ok(Some(RankLimit { rank, why: format!("the library says that its arrays have {rank} axes at most") }));
    }
    let Some(dtype) = profile.dtypes.first().copied() else { return Ok(None) };
    for rank in required + 1..=MAX_RANK {
        let tried = ways_to_rank(dtype, rank).map(|program| supervisor.run_one(&program)).collect::<Result<Vec<_>, _>>()?;
        let refused = |observed: &Observed| matches!(observed, Observed::Outcome(Outcome::Raised { .. }));
        let missing = |observed: &Observed| matches!(observed, Observed::Outcome(Outcome::Missing { .. }));
        if tried.iter().all(|observed| refused(observed) || missing(observed)) {
            let limit = rank - 1;
            let why = || format!("the library's arrays have {limit} axes at most: no way to one of {rank} axes is taken");
            return Ok(tried.iter().any(refused).then(|| RankLimit { rank: limit, why: why() }));
        }
    }
    Ok(None)
}

/// The greatest number of axes that the library declares.
fn declared_rank(supervisor: &mut Supervisor) -> Result<Option<usize>, StartError> {
    let step = |function: &str, args| Step { function: function.to_owned(), args, kwargs: vec![], role: Role::Subject };
    let steps = vec![step("__array_namespace_info__", vec![]), step("method.capabilities", vec![Arg::Register(0)])];
    let Observed::Outcome(Outcome::Values(values)) = supervisor.run_one(&Program { inputs: Vec::new(), steps, returns: vec![1] })? else {
        return Ok(None);
    };
    let [Value::Dict(entries)] = values.as_slice() else { return Ok(None) };
    Ok(entries.iter().find_map(|(name, value)| match value {
        Value::Scalar(Scalar::Int(rank)) if name == "max dimensions" => usize::try_from(*rank).ok(),
        _ => None,
    }))
}

/// Programs that make an array of this rank, each in another way.
fn ways_to_rank(dtype: DType, rank: usize) -> impl Iterator<Item = Program> {
    let ones = |rank: usize| Arg::Tuple(vec![Arg::Scalar(Scalar::Int(1)); rank]);
    let array = Array::from_elements(dtype, vec![1], [Element::Int(1)]);
    let of_array = |function: &str, arg| (function.to_owned(), vec![Arg::Register(0), arg], vec![array.clone()]);
    let ways = [("zeros".to_owned(), vec![ones(rank)], Vec::new()), of_array("reshape", ones(rank)), of_array("broadcast_to", ones(rank))];
    ways.map(|(function, args, inputs)| {
        let returns = vec![inputs.len() as u32];
        Program { inputs, steps: vec![Step { function, args, kwargs: vec![], role: Role::Subject }], returns }
    })
    .into_iter()
}

/// The dtypes on which the library refuses all operations that the spec names for them, each with the reason. Such a dtype is unusable.
/// Empty if the library refuses these operations on every dtype.
pub fn by_name_alone(spec: &Spec, supervisor: &mut Supervisor, dtypes: &[DType]) -> Result<BTreeMap<DType, String>, StartError> {
    let (mut refused, mut taken) = (BTreeMap::new(), 0);
    for capability in &spec.capabilities {
        let Some(dtype) = capability.dtype.filter(|dtype| dtypes.contains(dtype)) else { continue };
        let mut why = None;
        let mut works = false;
        for operation in &capability.operations {
            let array = Array::from_elements(dtype, vec![2], [Element::Int(1), Element::Int(0)]);
            let step =
                Step { function: operation.clone(), args: vec![Arg::Register(0), Arg::Register(1)], kwargs: vec![], role: Role::Subject };
            match supervisor.run_one(&Program { inputs: vec![array.clone(), array], steps: vec![step], returns: vec![2] })? {
                Observed::Outcome(Outcome::Raised { exception, .. }) => {
                    let message: String = exception.message.lines().next().unwrap_or_default().chars().take(MESSAGE).collect();
                    why.get_or_insert_with(|| format!("{operation} raises {}: {message}", exception.type_name));
                }
                // A missing function says nothing about the dtype.
                Observed::Outcome(Outcome::Missing { .. }) => {}
                _ => {
                    works = true;
                    break;
                }
            }
        }
        match why.filter(|_| !works) {
            Some(why) => {
                let operations = capability.operations.join("`, `");
                refused.insert(dtype, format!("the library refuses `{operations}` of it, so that it has it by name alone: {why}"));
            }
            None => taken += usize::from(works),
        }
    }
    // If no dtype works, the functions are at fault and not the dtypes.
    Ok(if taken > 0 { refused } else { BTreeMap::new() })
}
