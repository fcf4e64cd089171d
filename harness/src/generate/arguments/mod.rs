//! Draws arguments from the domains of a function's parameters, one after the other. An argument may depend on those drawn before it.
//! Here are the order of drawing and the table from domain to method; the methods lie in one file a kind of argument.

mod arrays;
mod axes;
mod dtypes;
mod elements;
mod gallery;
mod keys;
mod numbers;
mod shapes;
mod signals;

use array_assay_interface::{Array, Scalar};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, Function, Parameter, Spec};

use super::combination::Combination;
use super::profile::BackendProfile;
use super::values::Random;

/// Draws the arguments of one call.
pub struct Draw<'f, 'r> {
    spec: &'r Spec,
    function: &'f Function,
    profile: &'r BackendProfile,
    combination: &'r Combination,
    random: &'r mut Random,
    /// The greatest size of an axis: small when a failing case is simplified.
    size: usize,
    given: Vec<(&'f str, Given)>,
    /// The start, stop and step of a progression, once one of them was drawn.
    range: Option<[Scalar; 3]>,
    /// The axis along which the arrays of a sequence may differ, if they will be joined along an axis.
    joined: Option<usize>,
    /// The primary array, if it was handed in and is not yet used.
    primary: Option<Array>,
    /// The class of inputs that the first array belongs to, such as a class of the matrix gallery.
    class: Option<&'static str>,
    /// The length of vectors, if they are to be long.
    length: Option<usize>,
    /// Whether the primary array may still change once the other arguments are drawn (see [`Draw::halve`]).
    halves: bool,
}

/// The arguments of one call.
pub struct Drawn<'f> {
    /// The arguments by parameter name.
    pub given: Vec<(&'f str, Given)>,
    /// The class of inputs that the first array belongs to, if its parameter has such classes.
    pub class: Option<&'static str>,
}

impl<'f, 'r> Draw<'f, 'r> {
    /// A draw of one call on the dtypes of `combination`. No axis is longer than `size`.
    pub fn new(
        spec: &'r Spec,
        function: &'f Function,
        profile: &'r BackendProfile,
        combination: &'r Combination,
        random: &'r mut Random,
        size: usize,
    ) -> Draw<'f, 'r> {
        Draw {
            spec,
            function,
            profile,
            combination,
            random,
            size,
            given: Vec::new(),
            range: None,
            joined: None,
            primary: None,
            class: None,
            length: None,
            halves: true,
        }
    }

    /// Takes `array` as the primary array instead of drawing one.
    pub fn with_primary(mut self, array: &Array) -> Draw<'f, 'r> {
        self.primary = Some(array.clone());
        self.halves = false;
        self
    }

    /// Draws vectors of this length where arrays may be vectors.
    pub fn with_length(mut self, length: usize) -> Draw<'f, 'r> {
        self.length = Some(length);
        self
    }

    /// Draws the arguments. `None` if the first arguments leave no legal one for a later parameter that has no default.
    pub fn arguments(mut self) -> Option<Drawn<'f>> {
        let function = self.function;
        for (k, parameter) in function.parameters.iter().enumerate() {
            self.random.turn_to(k + 1);
            let signature = function.signature.parameters.iter().find(|p| p.name == parameter.name)?;
            let default = signature.default.as_deref();
            let primary = function.primary().is_some_and(|p| p.name == parameter.name);
            // If the cell names a dtype, that dtype is always passed. If the cell is about the default dtype, none is passed.
            let passed = match (&parameter.domain, primary) {
                (Domain::Dtype { .. }, true) => !self.combination.dtypes.is_empty(),
                (Domain::Axis { .. }, _) if self.joined.is_some_and(|axis| axis > 0) => true,
                _ => default.is_none() || self.random.pick("passed", &[1, 2]) == 1,
            };
            if !passed {
                continue;
            }
            let value = if default == Some("None") && !primary && self.random.pick_yes("None", 6) {
                Given::None
            } else {
                match self.value(parameter, primary) {
                    Some(value) => value,
                    None if default.is_some() => continue,
                    None => return None,
                }
            };
            self.given.push((&parameter.name, value));
        }
        self.random.turn_to(0);
        if self.halves {
            self.halve();
        }
        Some(Drawn { given: self.given, class: self.class })
    }

    /// An argument from the domain of a parameter. `None` if the arguments drawn before leave no legal one.
    fn value(&mut self, parameter: &Parameter, primary: bool) -> Option<Given> {
        Some(match &parameter.domain {
            Domain::Array { rank, of: None, .. } if primary && self.primary.is_some() => self.handed_in(*rank)?,
            Domain::Array { .. } => self.array_argument(parameter, primary)?,
            Domain::Arrays { count, rank, dtype, shape } => self.arrays(parameter, *count, *rank, *dtype, *shape)?,
            Domain::ArrayOrScalar { of, shape, either } => self.array_or_scalar(parameter, of, *shape, *either)?,
            Domain::ArrayOrDtype {} => self.array_or_dtype(parameter)?,
            Domain::Mixture {} => self.mixture(),
            Domain::Object { dtype } => self.object(parameter, dtype)?,
            Domain::Sorter { of } => self.sorter(parameter, of)?,
            Domain::Axis { of } => self.axis_of(of)?,
            Domain::Axes { of } => self.axes_of(of)?,
            Domain::MovedAxes { of, to } => self.moved_axes(of, to.as_deref())?,
            Domain::Permutation { of } => self.permutation(of)?,
            Domain::NewAxis { of } => self.new_axis(of)?,
            Domain::NewAxes { of } => self.new_axes(of)?,
            Domain::UnitAxes { of } => self.unit_axes(of)?,
            Domain::Contraction { of, with } => self.contraction(of, with)?,
            Domain::Sizes {} => self.sizes_argument(),
            Domain::Shapes {} => self.shapes_argument(),
            Domain::Reshape { of } => self.reshape(of)?,
            Domain::BroadcastShape { of } => self.broadcast_shape(of)?,
            Domain::None {} => Given::None,
            Domain::Version {} => Given::Tuple(vec![int(1), int(self.random.pick_below("minor", 3) as i64)]),
            Domain::Flag {} => Given::Scalar(Scalar::Bool(self.random.pick_yes("flag", 2))),
            // `copy=False` may raise if the library has to copy.
            Domain::Copy {} => Given::Scalar(Scalar::Bool(true)),
            Domain::Choice { among } => Given::Str(among[self.random.pick_below("choice", among.len())].clone()),
            Domain::Kinds { among } => self.kinds(parameter, among),
            Domain::Integer { between: (low, high) } => int(self.integer(*low, *high)),
            Domain::Real { between: (low, high) } => self.real(*low, *high),
            Domain::Shift { along } => self.shift(along),
            Domain::Repetitions { of } => self.repetitions(of)?,
            Domain::Repeats { of, along } => self.repeats(parameter, of, along)?,
            Domain::Range { part } => self.range_part(*part),
            Domain::Number { dtype, of } => self.number_argument(parameter, dtype.as_deref(), of.as_deref()),
            Domain::Order { among } => self.order(among),
            Domain::Tolerance { of } => self.tolerance(of)?,
            Domain::Dtype { of, upcast } => self.dtype_argument(parameter, primary, of.as_deref(), *upcast)?,
            Domain::Device {} => self.device()?,
            Domain::TransformLength { of, along, half } => self.transform_length(of, along, *half)?,
            Domain::TransformLengths { of, along, half } => self.transform_lengths(of, along, *half)?,
            Domain::TransformAxes { of } => self.transform_axes(of)?,
            Domain::Spacing {} => Given::Scalar(self.spacing()),
            Domain::Key { of } => self.key(of)?,
            Domain::Assigned { of, key } => self.assigned(of, key)?,
        })
    }

    /// One of the devices that the library names.
    fn device(&mut self) -> Option<Given> {
        let devices = &self.profile.devices;
        (!devices.is_empty()).then(|| Given::Device(devices[self.random.pick_below("device", devices.len())].clone()))
    }

    /// An argument that was drawn before.
    fn find(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|(n, _)| *n == name).map(|(_, given)| given)
    }

    /// An array that was drawn before, or the first array of a sequence.
    fn array_of(&self, name: &str) -> Option<&Array> {
        self.find(name)?.one_or_more().first()?.leaf()
    }

    /// Whether all arrays of a sequence that was drawn before have the same shape.
    fn has_one_shape(&self, name: &str) -> bool {
        let items = self.find(name).and_then(Given::items).unwrap_or_default();
        let shape = |item: &Given| item.leaf().map(|array| array.shape.clone());
        items.windows(2).all(|pair| shape(&pair[0]) == shape(&pair[1]))
    }
}

fn int(v: i64) -> Given {
    Given::Scalar(Scalar::Int(v.into()))
}

fn ints(items: Vec<i64>) -> Given {
    Given::Tuple(items.into_iter().map(int).collect())
}

fn sizes(shape: &[usize]) -> Given {
    ints(shape.iter().map(|n| *n as i64).collect())
}

#[cfg(test)]
mod tests;
