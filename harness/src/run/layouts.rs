//! The start: can the worker create an array and hand it back, and which layouts can it make?

use std::collections::BTreeMap;

use array_assay_interface::{Arg, Array, DType, Element, Outcome, Program, Role, Scalar, Step, Value};

use super::lane::{Lane, Seen};
use super::worker::{StartError, Worker};
use crate::generate::{LAYOUTS, Layout};
use crate::judge::Observed;

/// What the start showed.
pub struct Start {
    /// The dtypes whose arrays go in and come out unchanged.
    pub dtypes: Vec<DType>,
    /// Why others do not.
    pub broken: BTreeMap<DType, String>,
    /// The layouts that can be made.
    pub layouts: Vec<Layout>,
    /// Why others cannot.
    pub withdrawn: BTreeMap<String, String>,
    /// The devices that have the dtypes and default dtypes of the default device.
    pub devices: Vec<String>,
    /// Arrays say on which device they are.
    pub tells_device: bool,
    /// Types of objects that come in place of arrays without axes and have their attributes.
    pub scalars: Vec<String>,
}

/// Tries every dtype and layout.
pub fn probe(lane: &mut Lane<'_>, dtypes: &[DType], devices: &[String]) -> Result<Start, StartError> {
    let mut start = Start {
        dtypes: Vec::new(),
        broken: BTreeMap::new(),
        layouts: Vec::new(),
        withdrawn: BTreeMap::new(),
        devices: Vec::new(),
        tells_device: false,
        scalars: Vec::new(),
    };
    if let Some((first, others)) = devices.split_first() {
        let usual = has_on(lane, first)?;
        start.devices.push(first.clone());
        for device in others {
            if usual.is_some() && has_on(lane, device)? == usual {
                start.devices.push(device.clone());
            }
        }
    }
    for dtype in dtypes {
        let deviation = [vec![], vec![3], vec![2, 0], vec![2, 3]].into_iter().find_map(|shape| {
            let array = sample(*dtype, shape);
            let program = Program { inputs: vec![array.clone()], steps: Vec::new(), returns: vec![0] };
            lane.run_one(&program).map(|observed| difference(&observed, &array)).transpose()
        });
        match deviation.transpose()? {
            None => {
                start.dtypes.push(*dtype);
                start.scalars.extend(scalar_for_array(lane, *dtype)?);
            }
            Some(why) => {
                start.broken.insert(*dtype, why);
            }
        }
    }
    let Some(dtype) = start.dtypes.iter().copied().find(|d| *d == DType::Float64).or(start.dtypes.first().copied()) else {
        return Ok(start);
    };
    let device = Step { function: "attribute.device".to_owned(), args: vec![Arg::Register(0)], kwargs: vec![], role: Role::Subject };
    let program = Program { inputs: vec![sample(dtype, vec![1])], steps: vec![device], returns: vec![1] };
    start.tells_device = matches!(lane.run_one(&program)?, Observed::Outcome(Outcome::Values(_)));
    for layout in LAYOUTS {
        let shapes = [vec![4], vec![2, 3], vec![2, 3, 2], vec![2, 0]].into_iter().filter(|shape| layout.fits(shape));
        let mut deviation = None;
        for shape in shapes {
            let mut array = sample(dtype, shape);
            if layout == Layout::Broadcast && !array.is_empty() {
                let row = array.data.len() / array.shape[0];
                array.data = array.data[..row].repeat(array.shape[0]);
            }
            let steps: Vec<_> = layout.step(0, &array.shape).into_iter().collect();
            let program = Program { inputs: vec![layout.physical(&array)], steps, returns: vec![1] };
            deviation = difference(&lane.run_one(&program)?, &array);
            if deviation.is_some() {
                break;
            }
        }
        match deviation {
            None => start.layouts.push(layout),
            Some(why) => {
                start.withdrawn.insert(layout.to_string(), why);
            }
        }
    }
    Ok(start)
}

/// A batch that takes so many seconds has to be answered in several frames.
const LONG: f64 = 0.4;

/// Programs of the longest batch that is tried for this, calls of each, and elements of their array: so many that to read a batch is
/// little beside running it.
const MANY: usize = 1 << 14;
const CALLS: usize = 100;
const ELEMENTS: usize = 2048;

/// Does the worker write what it has at least every 50 ms? Says so to the validation if it does not. `call` is the path of a function
/// of one array; where it raises, nothing takes long. A batch of equal programs is made longer until it takes long; only a worker that answers
/// it in one frame each time of three is at fault, so that a pause of a busy machine is none.
pub fn probe_flushes(lane: &mut Lane<'_>, call: &str, dtype: DType) -> Result<(), StartError> {
    let step = Step { function: call.to_owned(), args: vec![Arg::Register(0)], kwargs: vec![], role: Role::Subject };
    let array = Array::from_elements(dtype, vec![ELEMENTS], (0..ELEMENTS).map(|i| Element::Int(i as i128 % 2)));
    let program = Program { inputs: vec![array], steps: vec![step; CALLS], returns: vec![0] };
    let (mut count, mut tries) = (64, 0);
    while count <= MANY && tries < 3 {
        lane.submit(vec![program.clone().into(); count])?;
        let gave_values =
            |seen: &Seen| matches!(seen, Seen::Each(observed) if matches!(observed[..], [Observed::Outcome(Outcome::Values(_))]));
        if !lane.collect()?.seen.iter().all(gave_values) {
            return Ok(());
        }
        let Some((frames, seconds)) = lane.present_worker().and_then(Worker::last_batch) else { return Ok(()) };
        // None: a fault came between.
        if frames != 1 {
            return Ok(());
        }
        if seconds < LONG {
            count *= 2;
            continue;
        }
        tries += 1;
        if let (3, Some(worker)) = (tries, lane.present_worker()) {
            worker.never_flushed(count, seconds);
        }
    }
    Ok(())
}

/// The dtypes and default dtypes of a device, as the library says; `None` where it does not, or where no array can be made there and
/// handed back (on PyTorch's `meta` device no array holds anything).
fn has_on(lane: &mut Lane<'_>, device: &str) -> Result<Option<Vec<Value>>, StartError> {
    let step = |function: &str, args, kwargs| Step { function: function.to_owned(), args, kwargs, role: Role::Subject };
    let on = || vec![("device".to_owned(), Arg::Device(device.to_owned()))];
    let steps = vec![
        step("__array_namespace_info__", vec![], vec![]),
        step("method.dtypes", vec![Arg::Register(0)], on()),
        step("method.default_dtypes", vec![Arg::Register(0)], on()),
        step("zeros", vec![Arg::Scalar(Scalar::Int(1))], on()),
    ];
    Ok(match lane.run_one(&Program { inputs: Vec::new(), steps, returns: vec![1, 2, 3] })? {
        Observed::Outcome(Outcome::Values(values)) => Some(values),
        _ => None,
    })
}

/// The type of what comes in place of an array without axes, where that is a scalar object with an array's attributes. It is taken for an
/// array, and said once of a library.
fn scalar_for_array(lane: &mut Lane<'_>, dtype: DType) -> Result<Option<String>, StartError> {
    let args = vec![Arg::Register(0), Arg::Scalar(Scalar::Int(0))];
    let step = Step { function: "operator.getitem".to_owned(), args, kwargs: vec![], role: Role::Subject };
    let program = Program { inputs: vec![sample(dtype, vec![3])], steps: vec![step], returns: vec![1] };
    Ok(match lane.run_one(&program)? {
        Observed::Outcome(Outcome::Values(mut values)) => match values.pop() {
            Some(Value::ArrayScalar { type_name, .. }) => Some(type_name),
            _ => None,
        },
        _ => None,
    })
}

fn sample(dtype: DType, shape: Vec<usize>) -> Array {
    let total: usize = shape.iter().product();
    Array::from_elements(dtype, shape, (0..total).map(|i| Element::Int(i as i128 + 1)))
}

/// How what was observed differs from the array that went in.
fn difference(observed: &Observed, array: &Array) -> Option<String> {
    match observed {
        Observed::Outcome(Outcome::Values(values) | Outcome::Joined { values, .. }) => match values.as_slice() {
            [Value::Array(back) | Value::ArrayScalar { array: back, .. }] if back == array => None,
            [other] => Some(format!("{array} came back as {other}")),
            _ => Some(format!("{} values came back for one", values.len())),
        },
        Observed::Outcome(Outcome::Raised { exception, .. }) => Some(format!("{}: {}", exception.type_name, exception.message)),
        Observed::Outcome(Outcome::Missing { name, .. }) => Some(format!("the library has no `{name}`")),
        Observed::Outcome(Outcome::Unsupported { capability, .. }) => Some(format!("unsupported: {capability}")),
        Observed::Crashed(how) => Some(format!("the worker died: {how}")),
        Observed::TimedOut => Some("no answer in time".to_owned()),
        Observed::OutOfMemory => Some("the memory limit was exceeded".to_owned()),
        Observed::Breached(why) => Some(format!("the worker broke the protocol: {why}")),
        Observed::Skipped => Some("skipped".to_owned()),
    }
}
