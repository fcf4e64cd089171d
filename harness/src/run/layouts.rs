//! The first questions to a worker: whether it can create arrays and hand them back, and which layouts it can make.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_interface::{Arg, Array, DType, Element, Outcome, Program, Role, Scalar, Step, Value};

use super::supervisor::{Seen, Supervisor};
use super::worker::{StartError, Worker};
use crate::generate::{Fragile, Layout, Losses, ShapeKind};
use crate::observed::Observed;

/// What the library can do, as found out at the start.
#[derive(Default)]
pub struct Start {
    /// The dtypes whose arrays go in and come out unchanged.
    pub dtypes: Vec<DType>,
    /// Why the other dtypes cannot be used.
    pub broken: BTreeMap<DType, String>,
    /// The values and shapes of these dtypes that do not come back unchanged.
    pub losses: Losses,
    /// The same as text, with an example of each.
    pub lost: BTreeMap<String, String>,
    /// The layouts that can be made.
    pub layouts: Vec<Layout>,
    /// The kinds of shapes for which a layout cannot be made.
    pub unlaid: BTreeSet<(Layout, ShapeKind)>,
    /// Why a layout cannot be made, or cannot be made for all shapes.
    pub withdrawn: BTreeMap<String, String>,
    /// The devices that have the same dtypes and default dtypes as the default device.
    pub devices: Vec<String>,
    /// Whether arrays say on which device they are.
    pub tells_device: bool,
    /// The types of scalar objects that the library returns in place of arrays of rank zero.
    pub scalars: Vec<String>,
}

/// Finds out which devices, dtypes and layouts can be used. `ways` has the ways to make each layout.
pub fn probe(supervisor: &mut Supervisor, dtypes: &[DType], devices: &[String], ways: Vec<Vec<Layout>>) -> Result<Start, StartError> {
    let mut start = Start::default();
    start.find_devices(supervisor, devices)?;
    for dtype in dtypes {
        start.try_dtype(supervisor, *dtype)?;
    }
    start.find_lost_values(supervisor)?;
    let Some(dtype) = start.dtypes.iter().copied().find(|d| *d == DType::Float64).or(start.dtypes.first().copied()) else {
        return Ok(start);
    };
    start.tells_device = tells_device(supervisor, dtype)?;
    for ways in ways {
        // A form that the library declares may be one for some dtypes only.
        let dtypes = if matches!(ways[..], [Layout::Representation(_)]) { start.dtypes.clone() } else { vec![dtype] };
        start.find_layout(supervisor, ways, &dtypes)?;
    }
    Ok(start)
}

impl Start {
    /// Finds the devices that have the same dtypes as the default device, which comes first.
    fn find_devices(&mut self, supervisor: &mut Supervisor, devices: &[String]) -> Result<(), StartError> {
        let Some((first, others)) = devices.split_first() else { return Ok(()) };
        let usual = has_on(supervisor, first)?;
        self.devices.push(first.clone());
        for device in others {
            if usual.is_some() && has_on(supervisor, device)? == usual {
                self.devices.push(device.clone());
            }
        }
        Ok(())
    }

    /// Finds out whether arrays of a dtype go in and come out unchanged, by their shapes.
    fn try_dtype(&mut self, supervisor: &mut Supervisor, dtype: DType) -> Result<(), StartError> {
        let mut deviations = Vec::new();
        for shape in [vec![], vec![3], vec![2, 0], vec![2, 3]] {
            deviations.push((ShapeKind::of(&shape), returned(supervisor, &sample(dtype, shape))?));
        }
        let whole = |kind| deviations.iter().any(|(of, deviation)| *of == kind && deviation.is_none());
        // The dtype is usable if vectors and matrices come back.
        if !whole(ShapeKind::Rank(1)) || !whole(ShapeKind::Rank(2)) {
            let why = deviations.into_iter().find_map(|(_, deviation)| deviation).unwrap_or_default();
            self.broken.insert(dtype, why);
            return Ok(());
        }
        self.dtypes.push(dtype);
        self.scalars.extend(scalar_for_array(supervisor, dtype)?.filter(|name| !self.scalars.contains(name)));
        for (kind, why) in deviations {
            let Some(why) = why else { continue };
            self.losses.shapes.insert(kind);
            self.lost.entry(format!("arrays {kind}")).or_insert(why);
        }
        Ok(())
    }

    /// Tries the ways to make a layout, until one works for all kinds of shapes. Otherwise takes the way that works for most.
    fn find_layout(&mut self, supervisor: &mut Supervisor, ways: Vec<Layout>, dtypes: &[DType]) -> Result<(), StartError> {
        let mut tried = Vec::new();
        for layout in ways {
            let mut deviations = Vec::new();
            for dtype in dtypes {
                deviations.extend(try_layout(supervisor, layout, *dtype, &self.losses)?);
            }
            let works = deviations.iter().all(|(_, deviation)| deviation.is_none());
            tried.push((layout, deviations));
            if works {
                break;
            }
        }
        // `max_by_key` takes the last of several, so that reversing takes the first way.
        let serves = |(_, deviations): &&(Layout, Deviations)| deviations.iter().filter(|(_, deviation)| deviation.is_none()).count();
        let Some((layout, deviations)) = tried.iter().rev().max_by_key(serves) else { return Ok(()) };
        let failing: BTreeMap<ShapeKind, &str> = deviations.iter().rev().filter_map(|(kind, why)| Some((*kind, why.as_deref()?))).collect();
        if deviations.iter().all(|(_, deviation)| deviation.is_some()) {
            // The reason that the standard's own way gives is the most telling one.
            let why = tried.first().and_then(|(_, deviations)| deviations.iter().find_map(|(_, why)| why.clone())).unwrap_or_default();
            self.withdrawn.insert(layout.to_string(), why);
            return Ok(());
        }
        self.layouts.push(*layout);
        self.unlaid.extend(failing.keys().map(|kind| (*layout, *kind)));
        if let Some(why) = failing.values().next() {
            let kinds: Vec<String> = failing.keys().map(ShapeKind::to_string).collect();
            self.withdrawn.insert(format!("{layout}, of arrays {}", kinds.join(" and of arrays ")), (*why).to_owned());
        }
        Ok(())
    }

    /// Finds the values that do not come back unchanged.
    fn find_lost_values(&mut self, supervisor: &mut Supervisor) -> Result<(), StartError> {
        let mut examples: BTreeMap<Fragile, (Vec<&str>, String)> = BTreeMap::new();
        for (dtype, kind) in self.dtypes.iter().flat_map(|dtype| Fragile::ALL.map(|kind| (*dtype, kind))) {
            let samples = kind.samples(dtype);
            if samples.is_empty() {
                continue;
            }
            let array = Array::from_elements(dtype, vec![samples.len()], samples);
            if let Some(why) = returned(supervisor, &array)? {
                if kind == Fragile::Nan
                    && let Some(nan) = one_nan(supervisor, dtype)?
                {
                    self.losses.nans.insert(dtype, nan);
                }
                self.losses.values.entry(dtype).or_default().insert(kind);
                examples.entry(kind).or_insert((Vec::new(), why)).0.push(dtype.name());
            }
        }
        self.lost.extend(examples.into_iter().map(|(kind, (dtypes, why))| (format!("{kind} ({})", dtypes.join(", ")), why)));
        Ok(())
    }
}

/// The NaN that comes back in place of another one, if it comes back unchanged itself.
fn one_nan(supervisor: &mut Supervisor, dtype: DType) -> Result<Option<f64>, StartError> {
    let array = |nan: f64| Array::from_elements(dtype, vec![2], [Element::F64(nan), Element::F64(1.0)]);
    let program = Program { inputs: vec![array(f64::NAN)], steps: Vec::new(), returns: vec![0] };
    let Observed::Outcome(Outcome::Values(values)) = supervisor.run_one(&program)? else { return Ok(None) };
    let nan = match values.first() {
        Some(Value::Array(back)) if back.dtype == dtype && back.len() == 2 => back.get(0).components().0,
        _ => return Ok(None),
    };
    Ok(if nan.is_nan() && returned(supervisor, &array(nan))?.is_none() { Some(nan) } else { None })
}

/// How an array differs after it went in and came back. `None` if it does not.
fn returned(supervisor: &mut Supervisor, array: &Array) -> Result<Option<String>, StartError> {
    let program = Program { inputs: vec![array.clone()], steps: Vec::new(), returns: vec![0] };
    Ok(difference(&supervisor.run_one(&program)?, array))
}

/// The values that every layout has to keep. The bits of a NaN may change.
const LAID: [Fragile; 2] = [Fragile::NegativeZero, Fragile::Infinity];

/// For each kind of shape, how an array differs from what it should be. `None` if it does not.
type Deviations = Vec<(ShapeKind, Option<String>)>;

/// Tries a layout on each kind of shape. Among the elements are values that a library may change although it only has to move them.
fn try_layout(supervisor: &mut Supervisor, layout: Layout, dtype: DType, losses: &Losses) -> Result<Deviations, StartError> {
    laid(layout, dtype, losses)
        .into_iter()
        .map(|array| {
            let steps: Vec<_> = layout.step(0, &array.shape).into_iter().collect();
            let program = Program { inputs: vec![layout.physical(&array)], steps, returns: vec![1] };
            let observed = supervisor.run_one(&program)?;
            Ok((ShapeKind::of(&array.shape), foreign(&observed).or_else(|| difference(&observed, &array))))
        })
        .collect()
}

/// The arrays by which a layout is tried, one for each kind of shape that can lie so.
fn laid(layout: Layout, dtype: DType, losses: &Losses) -> Vec<Array> {
    let fragile: Vec<Element> = LAID.into_iter().filter(|kind| !losses.loses(dtype, *kind)).flat_map(|kind| kind.samples(dtype)).collect();
    let shapes = [vec![], vec![4], vec![2, 3], vec![2, 3, 2], vec![2, 0]].into_iter().filter(|shape| layout.fits(shape));
    let array = |shape| {
        let numbers = sample(dtype, shape);
        let elements = numbers.elements().enumerate().map(|(i, number)| fragile.get(i).copied().unwrap_or(number));
        layout.repeated(&Array::from_elements(dtype, numbers.shape.clone(), elements.collect::<Vec<_>>()))
    };
    shapes.map(array).collect()
}

/// A batch that takes this many seconds has to be answered in several frames.
const LONG: f64 = 0.4;

/// The number of programs in the longest batch that is tried.
const MANY: usize = 1 << 14;

/// The number of calls in each program, so that running a batch takes much longer than reading it.
const CALLS: usize = 100;

/// The number of elements of the array in each program.
const ELEMENTS: usize = 2048;

/// Finds out whether the worker writes its outcomes at least every 50 ms, and tells the validation if it does not. `call` is the path of a
/// function of one array. A batch of equal programs is made longer until it takes long enough. The worker is at fault only if it answers
/// three such batches in one frame each, because a busy machine may cause a pause. If the function raises, nothing is found out.
pub fn probe_flushes(supervisor: &mut Supervisor, call: &str, dtype: DType) -> Result<(), StartError> {
    let step = Step { function: call.to_owned(), args: vec![Arg::Register(0)], kwargs: vec![], role: Role::Subject };
    let array = Array::from_elements(dtype, vec![ELEMENTS], (0..ELEMENTS).map(|i| Element::Int(i as i128 % 2)));
    let program = Program { inputs: vec![array], steps: vec![step; CALLS], returns: vec![0] };
    let (mut count, mut tries) = (64, 0);
    while count <= MANY && tries < 3 {
        supervisor.submit(vec![program.clone().into(); count])?;
        let gave_values =
            |seen: &Seen| matches!(seen, Seen::Each(observed) if matches!(observed[..], [Observed::Outcome(Outcome::Values(_))]));
        if !supervisor.collect()?.seen.iter().all(gave_values) {
            return Ok(());
        }
        let Some((frames, seconds)) = supervisor.present_worker().and_then(Worker::last_batch) else { return Ok(()) };
        // There is no single frame if a fault came between.
        if frames != 1 {
            return Ok(());
        }
        if seconds < LONG {
            count *= 2;
            continue;
        }
        tries += 1;
        if let (3, Some(worker)) = (tries, supervisor.present_worker()) {
            worker.never_flushed(count, seconds);
        }
    }
    Ok(())
}

/// Whether arrays of a dtype say on which device they are.
fn tells_device(supervisor: &mut Supervisor, dtype: DType) -> Result<bool, StartError> {
    let device = Step { function: "attribute.device".to_owned(), args: vec![Arg::Register(0)], kwargs: vec![], role: Role::Subject };
    let program = Program { inputs: vec![sample(dtype, vec![1])], steps: vec![device], returns: vec![1] };
    Ok(matches!(supervisor.run_one(&program)?, Observed::Outcome(Outcome::Values(_))))
}

/// The dtypes and default dtypes that the library names for a device. `None` if it names none, or if no array can be made there and handed
/// back (arrays on PyTorch's `meta` device have no elements).
fn has_on(supervisor: &mut Supervisor, device: &str) -> Result<Option<Vec<Value>>, StartError> {
    let step = |function: &str, args, kwargs| Step { function: function.to_owned(), args, kwargs, role: Role::Subject };
    let on = || vec![("device".to_owned(), Arg::Device(device.to_owned()))];
    let steps = vec![
        step("__array_namespace_info__", vec![], vec![]),
        step("method.dtypes", vec![Arg::Register(0)], on()),
        step("method.default_dtypes", vec![Arg::Register(0)], on()),
        step("zeros", vec![Arg::Scalar(Scalar::Int(1))], on()),
    ];
    Ok(match supervisor.run_one(&Program { inputs: Vec::new(), steps, returns: vec![1, 2, 3] })? {
        Observed::Outcome(Outcome::Values(values)) => Some(values),
        _ => None,
    })
}

/// The type of the scalar object that the library returns in place of an array of rank zero, if it does. Such an object counts as an array;
/// the header of the results names its type.
fn scalar_for_array(supervisor: &mut Supervisor, dtype: DType) -> Result<Option<String>, StartError> {
    let args = vec![Arg::Register(0), Arg::Scalar(Scalar::Int(0))];
    let step = Step { function: "operator.getitem".to_owned(), args, kwargs: vec![], role: Role::Subject };
    let program = Program { inputs: vec![sample(dtype, vec![3])], steps: vec![step], returns: vec![1] };
    Ok(match supervisor.run_one(&program)? {
        Observed::Outcome(Outcome::Values(mut values)) => match values.pop() {
            Some(Value::ArrayScalar { type_name, .. }) => Some(type_name),
            _ => None,
        },
        _ => None,
    })
}

/// An array of the numbers 1, 2, 3 and so on.
fn sample(dtype: DType, shape: Vec<usize>) -> Array {
    let total: usize = shape.iter().product();
    Array::from_elements(dtype, shape, (0..total).map(|i| Element::Int(i as i128 + 1)))
}

/// The reason why a layout cannot be used, if making it gives an array of another library. Calls on that array would test the other
/// library.
fn foreign(observed: &Observed) -> Option<String> {
    match observed.values() {
        [Value::ArrayScalar { type_name, array }] if !array.shape.is_empty() => {
            Some(format!("it gives {type_name}, no array of the library"))
        }
        _ => None,
    }
}

/// How the observed outcome differs from the array that went in. `None` if it does not.
fn difference(observed: &Observed, array: &Array) -> Option<String> {
    match observed {
        Observed::Outcome(Outcome::Values(values) | Outcome::Joined { values, .. }) => match values.as_slice() {
            [Value::Array(back) | Value::ArrayScalar { array: back, .. }] if back == array => None,
            [other] if array.to_string() == other.to_string() => Some(format!("{array} came back with other bits")),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::LAYOUTS;

    fn gives(value: Value) -> Observed {
        Observed::Outcome(Outcome::Values(vec![value]))
    }

    #[test]
    fn an_array_of_another_library_is_no_layout() {
        let array = |shape: &[usize]| sample(DType::Float64, shape.to_vec());
        let scalar = |shape: &[usize]| Value::ArrayScalar { type_name: "numpy.ndarray".to_owned(), array: array(shape) };
        assert_eq!(foreign(&gives(scalar(&[2]))).as_deref(), Some("it gives numpy.ndarray, no array of the library"));
        // In place of an array without axes an object with its attributes is taken for one.
        assert_eq!(foreign(&gives(scalar(&[]))), None);
        assert_eq!(foreign(&gives(Value::Array(array(&[2])))), None);
        assert_eq!(foreign(&Observed::TimedOut), None);
    }

    #[test]
    fn a_layout_that_loses_the_sign_of_zeros_is_found_unless_arrays_lose_it_anyway() {
        let negative = |x: Element| x.same_bits(Element::F64(-0.0));
        for layout in LAYOUTS {
            for array in laid(layout, DType::Float64, &Losses::default()).iter().filter(|array| !array.is_empty()) {
                assert!(array.elements().any(negative), "{layout}: {array}");
                let plain = array.elements().map(|x| if negative(x) { Element::F64(0.0) } else { x }).collect::<Vec<_>>();
                let signless = Array::from_elements(DType::Float64, array.shape.clone(), plain);
                assert!(difference(&gives(Value::Array(signless)), array).is_some(), "{layout}");
                assert_eq!(difference(&gives(Value::Array(array.clone())), array), None, "{layout}");
            }
            let values = BTreeMap::from([(DType::Float64, BTreeSet::from([Fragile::NegativeZero]))]);
            let losses = Losses { values, ..Losses::default() };
            assert!(!laid(layout, DType::Float64, &losses).iter().any(|array| array.elements().any(negative)), "{layout}");
        }
    }

    #[test]
    fn what_came_back_is_told_as_it_differs() {
        let array = sample(DType::Float64, vec![2]);
        let told = |observed: Observed| difference(&observed, &array).unwrap_or_default();
        assert_eq!(told(gives(Value::None)), "array([1.0, 2.0], dtype=float64) came back as None");
        assert_eq!(told(Observed::Outcome(Outcome::Values(Vec::new()))), "0 values came back for one");
        assert_eq!(told(Observed::Crashed("signal: 11".to_owned())), "the worker died: signal: 11");
        let nan =
            |payload: u64| Array::from_elements(DType::Float64, vec![1], [Element::F64(f64::from_bits(f64::NAN.to_bits() | payload))]);
        let other_bits = difference(&gives(Value::Array(nan(1))), &nan(0));
        assert_eq!(other_bits.as_deref(), Some("array([nan], dtype=float64) came back with other bits"));
    }
}
