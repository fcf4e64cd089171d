//! Arguments drawn from the domains of a function's parameters, each beside those that were drawn before it.

mod gallery;
mod keys;
mod shapes;
mod signals;

use array_assay_interface::{Array, DType, Element, Kind, Scalar};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, DtypeRelation, Function, Parameter, RangePart, ShapeRelation, Spec, Values};

use super::combination::Combination;
use super::profile::BackendProfile;
use super::values::{Random, element, python_scalar};

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
    /// Start, stop and step, once one of them was drawn.
    range: Option<[Scalar; 3]>,
    /// The axis along which drawn arrays differ, where they differ along one.
    joined: Option<usize>,
    /// The primary array, where it is not drawn.
    primary: Option<Array>,
    /// The class of inputs from which the first array was drawn.
    class: Option<&'static str>,
    /// Whether it may change the primary array once the other arguments are there.
    halves: bool,
}

/// The arguments of one call.
pub struct Drawn<'f> {
    /// The arguments by parameter name.
    pub given: Vec<(&'f str, Given)>,
    /// The class of inputs from which the first array was drawn, where its parameter has such.
    pub class: Option<&'static str>,
}

impl<'f, 'r> Draw<'f, 'r> {
    /// Ready to draw a call on the dtypes of `combination`.
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
            halves: true,
        }
    }

    /// The primary array is this one.
    pub fn with_primary(mut self, array: &Array) -> Draw<'f, 'r> {
        self.primary = Some(array.clone());
        self.halves = false;
        self
    }

    /// The arguments; `None` where the parameters drawn first leave none for a later one.
    pub fn arguments(mut self) -> Option<Drawn<'f>> {
        let function = self.function;
        for parameter in &function.parameters {
            let signature = function.signature.parameters.iter().find(|p| p.name == parameter.name)?;
            let default = signature.default.as_deref();
            let primary = Primary::of(function).is_some_and(|p| p.name == parameter.name);
            // The dtype that the cell is about is always passed, the default one never.
            let passed = match (&parameter.domain, primary) {
                (Domain::Dtype { .. }, true) => !self.combination.dtypes.is_empty(),
                (Domain::Axis { .. }, _) if self.joined.is_some_and(|axis| axis > 0) => true,
                _ => default.is_none() || self.random.below(2) == 0,
            };
            if !passed {
                continue;
            }
            let value = if default == Some("None") && !primary && self.random.below(4) == 0 {
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
        if self.halves {
            self.halve();
        }
        Some(Drawn { given: self.given, class: self.class })
    }

    fn value(&mut self, parameter: &Parameter, primary: bool) -> Option<Given> {
        Some(match &parameter.domain {
            Domain::Array { rank, of: None, .. } if primary && self.primary.is_some() => {
                let array = self.primary.take()?;
                (rank.0..=rank.1).contains(&array.shape.len()).then_some(Given::Array(array))?
            }
            Domain::Array { rank, of, along, dtype, shape, values, .. } => {
                let dtype = self.dtype_of(parameter, primary, *dtype, of.as_deref())?;
                let shape = match values {
                    Values::Matrices | Values::Invertible | Values::Independent if *shape == ShapeRelation::Own => self.rectangles(*rank),
                    Values::Signal | Values::HalfSpectrum => self.signal_shape(*rank, *values),
                    _ => self.shape_of(*rank, *shape, of.as_deref(), along.as_deref())?,
                };
                let array = self.array(dtype, shape, *values, of.as_deref(), along.as_deref())?;
                // A single element is seldom one of those that conversions treat apart.
                Given::Array(if *rank == (0, 0) && dtype.is_floating() && self.random.below(4) == 0 {
                    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0][self.random.below(4)];
                    Array::from_elements(dtype, array.shape, [Element::F64(special).cast(dtype)])
                } else {
                    array
                })
            }
            Domain::Arrays { count, rank, dtype, shape } => self.arrays(parameter, *count, *rank, *dtype, *shape)?,
            Domain::ArrayOrScalar { of, shape } => {
                let other = self.array_of(of)?.clone();
                if self.random.below(3) == 0 {
                    let element = element(self.random, other.dtype);
                    Given::Scalar(python_scalar(self.random, element))
                } else {
                    let partner = self.partner(parameter, &other)?;
                    let shape = self.related_shape(&other.shape, *shape, None, (0, 4));
                    Given::Array(self.array(partner, shape, Values::Few, None, None)?)
                }
            }
            Domain::ArrayOrDtype {} => {
                let dtype = self.combination.dtypes.first().copied().or_else(|| self.any_dtype(parameter))?;
                if self.random.below(2) == 0 {
                    Given::Dtype(dtype)
                } else {
                    let shape = self.shape((0, 3));
                    Given::Array(self.array(dtype, shape, Values::Any, None, None)?)
                }
            }
            Domain::Mixture {} => self.mixture(),
            Domain::Axis { of } => {
                let rank = self.array_of(of)?.shape.len();
                match self.joined {
                    // Arrays of one shape may also be flattened and joined.
                    Some(_) if self.has_one_shape(of) && self.random.below(3) == 0 => Given::None,
                    Some(axis) => int(self.either_end(axis, rank)),
                    None => int(self.axis(rank)?),
                }
            }
            Domain::Axes { of } => {
                let rank = self.array_of(of)?.shape.len();
                // What no axes at all mean is left open.
                if rank == 0 {
                    return None;
                }
                if self.random.below(2) == 0 {
                    int(self.axis(rank)?)
                } else {
                    let count = 1 + self.random.below(rank);
                    let axes = self.some_axes(rank, count);
                    ints(axes.into_iter().map(|axis| self.either_end(axis, rank)).collect())
                }
            }
            Domain::MovedAxes { of, to } => {
                let rank = self.array_of(of)?.shape.len();
                let count = match to.as_ref().and_then(|to| self.find(to)).cloned() {
                    Some(Given::Scalar(_)) => return Some(int(self.axis(rank)?)),
                    Some(Given::Tuple(items)) => items.len(),
                    _ if rank > 0 && self.random.below(2) == 0 => return Some(int(self.axis(rank)?)),
                    _ if rank == 0 => return None,
                    _ => 1 + self.random.below(rank),
                };
                let axes = self.some_axes(rank, count);
                ints(axes.into_iter().map(|axis| self.either_end(axis, rank)).collect())
            }
            Domain::Permutation { of } => {
                let rank = self.array_of(of)?.shape.len();
                let axes = self.some_axes(rank, rank);
                ints(axes.into_iter().map(|axis| self.either_end(axis, rank)).collect())
            }
            Domain::NewAxis { of } => {
                let rank = match self.find(of)? {
                    Given::Array(array) => array.shape.len(),
                    Given::Tuple(items) | Given::List(items) => match items.first()? {
                        Given::Array(array) => array.shape.len(),
                        _ => return None,
                    },
                    _ => return None,
                };
                int(self.axis(rank + 1)?)
            }
            Domain::NewAxes { of } => {
                let rank = self.array_of(of)?.shape.len();
                if self.random.below(2) == 0 {
                    int(self.axis(rank + 1)?)
                } else {
                    let count = 1 + self.random.below(2);
                    let axes = self.some_axes(rank + count, count);
                    ints(axes.into_iter().map(|axis| self.either_end(axis, rank + count)).collect())
                }
            }
            Domain::UnitAxes { of } => {
                let shape = self.array_of(of)?.shape.clone();
                let units: Vec<usize> = (0..shape.len()).filter(|i| shape[*i] == 1).collect();
                if units.is_empty() {
                    return None;
                }
                if self.random.below(2) == 0 {
                    let axis = units[self.random.below(units.len())];
                    int(self.either_end(axis, shape.len()))
                } else {
                    let count = 1 + self.random.below(units.len());
                    let chosen = self.some_axes(units.len(), count);
                    ints(chosen.into_iter().map(|i| self.either_end(units[i], shape.len())).collect())
                }
            }
            Domain::Sizes {} => {
                let shape = self.shape((0, 4));
                if shape.len() == 1 && self.random.below(2) == 0 { int(shape[0] as i64) } else { sizes(&shape) }
            }
            Domain::Shapes {} => {
                let common = self.shape((0, 4));
                let count = self.random.below(4);
                Given::Tuple((0..count).map(|_| sizes(&self.broadcastable(&common))).collect())
            }
            Domain::Reshape { of } => {
                let total: usize = self.array_of(of)?.shape.iter().product();
                let mut shape: Vec<i64> = self.factors(total).into_iter().map(|n| n as i64).collect();
                if !shape.is_empty() && total > 0 && self.random.below(3) == 0 {
                    let at = self.random.below(shape.len());
                    shape[at] = -1;
                }
                ints(shape)
            }
            Domain::BroadcastShape { of } => {
                let mut shape = self.array_of(of)?.shape.clone();
                for n in &mut shape {
                    if *n == 1 && self.random.below(2) == 0 {
                        *n = self.random.below(self.size.min(4) + 1);
                    }
                }
                while shape.len() < self.profile.max_rank && self.random.below(3) == 0 {
                    shape.insert(0, self.random.below(self.size.min(3) + 1));
                }
                sizes(&shape)
            }
            Domain::None {} => Given::None,
            Domain::Version {} => Given::Tuple(vec![int(1), int(self.random.below(3) as i64)]),
            Domain::Flag {} => Given::Scalar(Scalar::Bool(self.random.below(2) == 0)),
            // A copy that the library cannot do without may raise.
            Domain::Copy {} => Given::Scalar(Scalar::Bool(true)),
            Domain::Choice { among } => Given::Str(among[self.random.below(among.len())].clone()),
            Domain::Kinds { among } => self.kinds(parameter, among),
            Domain::Integer { between: (low, high) } => int(low + self.random.below((high - low + 1) as usize) as i64),
            Domain::Real { between: (low, high) } => {
                let quarters = low * 4 + self.random.below(((high - low) * 4 + 1) as usize) as i64;
                match self.random.below(3) {
                    0 => int(quarters.div_euclid(4)),
                    1 => Given::Scalar(Scalar::Float(quarters.div_euclid(4) as f64)),
                    _ => Given::Scalar(Scalar::Float(quarters as f64 / 4.0)),
                }
            }
            Domain::Shift { along } => {
                let axes = if let Some(Given::Tuple(axes)) = self.find(along) { Some(axes.len()) } else { None };
                match axes {
                    // One shift may stand for all axes.
                    Some(count) if self.random.below(3) > 0 => ints((0..count).map(|_| self.random.below(11) as i64 - 5).collect()),
                    _ => int(self.random.below(11) as i64 - 5),
                }
            }
            Domain::Repetitions { of } => {
                let rank = self.array_of(of)?.shape.len();
                let count = self.random.below(rank + 2);
                ints((0..count).map(|_| self.random.below(self.size.min(3) + 1) as i64).collect())
            }
            Domain::Repeats { of, along } => {
                let shape = &self.array_of(of)?.shape;
                let length = match self.find(along) {
                    Some(Given::Scalar(Scalar::Int(axis))) => shape[axis.rem_euclid(shape.len() as i128) as usize],
                    _ => shape.iter().product(),
                };
                if self.random.below(2) == 0 {
                    int(self.random.below(4) as i64)
                } else {
                    let dtype = self.any_dtype(parameter)?;
                    let counts: Vec<Element> = (0..length).map(|_| Element::Int(self.random.below(4) as i128)).collect();
                    Given::Array(Array::from_elements(dtype, vec![length], counts))
                }
            }
            Domain::Range { part } => {
                let range = self.range();
                Given::Scalar(
                    range[match part {
                        RangePart::Start => 0,
                        RangePart::Stop => 1,
                        RangePart::Step => 2,
                    }],
                )
            }
            Domain::Number { dtype, of } => {
                let asked = dtype.as_ref().and_then(|name| self.find(name));
                let dtype = match (asked, of.as_ref().and_then(|of| self.find(of))) {
                    (Some(Given::Dtype(dtype)), _) => *dtype,
                    (_, Some(Given::Array(array))) => array.dtype,
                    _ => match self.combination.dtypes.first() {
                        Some(dtype) => *dtype,
                        None => self.any_dtype(parameter).unwrap_or(DType::Float64),
                    },
                };
                Given::Scalar(self.number(dtype))
            }
            Domain::Dtype { of, upcast } => self.dtype_argument(parameter, primary, of.as_deref(), *upcast)?,
            Domain::Device {} => {
                let devices = &self.profile.devices;
                if devices.is_empty() {
                    return None;
                }
                Given::Device(devices[self.random.below(devices.len())].clone())
            }
            Domain::Contraction { of, with } => {
                let (a, b) = (self.array_of(of)?.shape.clone(), self.array_of(with)?.shape.clone());
                self.contraction(&a, &b)
            }
            Domain::Sorter { of } => {
                self.shuffle(of)?;
                let vector = self.array_of(of)?;
                let mut order: Vec<usize> = (0..vector.len()).collect();
                order.sort_by(|i, j| ascending(vector.get(*i), vector.get(*j)));
                let dtype = self.any_dtype(parameter).unwrap_or(DType::Int64);
                Given::Array(Array::from_elements(dtype, vec![order.len()], order.into_iter().map(|i| Element::Int(i as i128))))
            }
            Domain::TransformLength { of, along, half } => self.transform_length(of, along, *half)?,
            Domain::TransformLengths { of, along, half } => self.transform_lengths(of, along, *half)?,
            Domain::TransformAxes { of } => self.transform_axes(of)?,
            Domain::Spacing {} => Given::Scalar(self.spacing()),
            Domain::Order { among } => match among[self.random.below(among.len())].as_str() {
                "inf" => Given::Scalar(Scalar::Float(f64::INFINITY)),
                "-inf" => Given::Scalar(Scalar::Float(f64::NEG_INFINITY)),
                text => match (text.parse::<i128>(), text.parse::<f64>()) {
                    (Ok(v), _) => Given::Scalar(Scalar::Int(v)),
                    (_, Ok(v)) => Given::Scalar(Scalar::Float(v)),
                    _ => Given::Str(text.to_owned()),
                },
            },
            Domain::Tolerance { of } => {
                let (dtype, shape) = {
                    let x = self.array_of(of)?;
                    (x.dtype.real(), x.shape[..x.shape.len().saturating_sub(2)].to_vec())
                };
                let tolerance = |random: &mut Random| [1e-3, 0.02, 0.1, 0.3, 0.6][random.below(5)] * (0.75 + random.unit() / 2.0);
                if self.random.below(2) == 0 {
                    Given::Scalar(Scalar::Float(tolerance(self.random)))
                } else {
                    let shape = self.broadcastable(&shape);
                    let numbers: Vec<Element> = (0..shape.iter().product()).map(|_| Element::F64(tolerance(self.random))).collect();
                    Given::Array(Array::from_elements(dtype, shape, numbers.into_iter().map(|e| e.cast(dtype))))
                }
            }
            Domain::Key { of } => {
                let shape = self.array_of(of)?.shape.clone();
                self.key(&shape)
            }
            Domain::Assigned { of, key } => self.assigned(of, key)?,
            Domain::Object { dtype } => {
                let dtype = match self.find(dtype) {
                    Some(Given::Dtype(dtype)) => Some(*dtype),
                    _ => self.combination.dtypes.first().copied(),
                };
                self.object(dtype, parameter)?
            }
        })
    }

    // Arguments drawn before

    fn find(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|(n, _)| *n == name).map(|(_, given)| given)
    }

    /// Puts the elements of a vector that was drawn before in another order.
    fn shuffle(&mut self, name: &str) -> Option<()> {
        let mut elements: Vec<Element> = self.array_of(name)?.elements().collect();
        for i in (1..elements.len()).rev() {
            elements.swap(i, self.random.below(i + 1));
        }
        let given = self.given.iter_mut().find(|(n, _)| *n == name).map(|(_, given)| given);
        if let Some(Given::Array(array)) = given {
            *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
        }
        Some(())
    }

    fn array_of(&self, name: &str) -> Option<&Array> {
        match self.find(name)? {
            Given::Array(array) => Some(array),
            Given::Tuple(items) | Given::List(items) => match items.first()? {
                Given::Array(array) => Some(array),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the arrays of a sequence that was drawn before have one shape.
    fn has_one_shape(&self, name: &str) -> bool {
        let items = match self.find(name) {
            Some(Given::Tuple(items) | Given::List(items)) => items.as_slice(),
            _ => &[],
        };
        let shape = |item: &Given| if let Given::Array(array) = item { Some(array.shape.clone()) } else { None };
        items.windows(2).all(|pair| shape(&pair[0]) == shape(&pair[1]))
    }

    // Dtypes

    /// Any dtype of the parameter that the library has.
    fn any_dtype(&mut self, parameter: &Parameter) -> Option<DType> {
        let all: Vec<DType> = parameter.dtypes.iter().filter(|d| self.profile.dtypes.contains(d)).collect();
        (!all.is_empty()).then(|| all[self.random.below(all.len())])
    }

    fn dtype_of(&mut self, parameter: &Parameter, primary: bool, relation: DtypeRelation, of: Option<&str>) -> Option<DType> {
        match (relation, of) {
            _ if primary => self.combination.dtypes.first().copied(),
            (DtypeRelation::Same, Some(of)) => Some(self.array_of(of)?.dtype),
            (DtypeRelation::Promotes, Some(_)) => self.combination.dtypes.last().copied(),
            _ => self.any_dtype(parameter),
        }
    }

    /// A dtype that promotes with that of `other`.
    fn partner(&mut self, parameter: &Parameter, other: &Array) -> Option<DType> {
        match self.combination.dtypes.last() {
            Some(dtype) if self.spec.dtypes.promote(*dtype, other.dtype).is_some() => Some(*dtype),
            _ => self.any_dtype(parameter),
        }
    }

    fn dtype_argument(&mut self, parameter: &Parameter, primary: bool, of: Option<&str>, upcast: bool) -> Option<Given> {
        if primary {
            return self.combination.dtypes.first().copied().map(Given::Dtype);
        }
        let from = of.and_then(|of| self.array_of(of)).map(|array| array.dtype);
        let legal = |to: DType| match from {
            None => true,
            Some(from) if upcast => from.kind() == to.kind() && to.size() >= from.size(),
            // Complex numbers are cast to truth values and to no other kind.
            Some(from) => !from.is_complex() || to.is_complex() || to == DType::Bool,
        };
        let all: Vec<DType> = parameter.dtypes.iter().filter(|d| self.profile.dtypes.contains(d) && legal(*d)).collect();
        (!all.is_empty()).then(|| Given::Dtype(all[self.random.below(all.len())]))
    }

    fn kinds(&mut self, parameter: &Parameter, among: &[String]) -> Given {
        let one = |draw: &mut Self| match draw.any_dtype(parameter) {
            Some(dtype) if draw.random.below(2) == 0 => Given::Dtype(dtype),
            _ => Given::Str(among[draw.random.below(among.len())].clone()),
        };
        if self.random.below(3) == 0 {
            let count = 1 + self.random.below(3);
            Given::Tuple((0..count).map(|_| one(self)).collect())
        } else {
            one(self)
        }
    }

    // Arrays and numbers

    fn array(&mut self, dtype: DType, shape: Vec<usize>, values: Values, of: Option<&str>, along: Option<&str>) -> Option<Array> {
        let total: usize = shape.iter().product();
        let elements: Vec<Element> = match values {
            Values::Any => (0..total).map(|_| element(self.random, dtype)).collect(),
            Values::Tame if self.random.below(4) == 0 => (0..total).map(|_| element(self.random, dtype)).collect(),
            Values::Tame => (0..total).map(|_| tame(self.random, dtype)).collect(),
            Values::Few => {
                let mut few: Vec<Element> = (0..2 + self.random.below(4))
                    .map(|_| if self.random.below(2) == 0 { element(self.random, dtype) } else { tame(self.random, dtype) })
                    .collect();
                if self.random.below(2) == 0 {
                    few[0] = Element::Int(0).cast(dtype);
                    // Zeros of both signs compare equal.
                    if dtype.is_floating() && self.random.below(2) == 0 {
                        few[1] = Element::F64(-0.0).cast(dtype);
                    }
                }
                (0..total).map(|_| few[self.random.below(few.len())]).collect()
            }
            Values::Signal | Values::HalfSpectrum => self.signal(dtype, total),
            Values::Holes => {
                let infinities = self.random.below(3) == 0;
                (0..total).map(|_| holed(self.random, dtype, infinities)).collect()
            }
            Values::Unit => (0..total).map(|_| Element::F64(unit(self.random)).cast(dtype)).collect(),
            Values::Percent => (0..total).map(|_| Element::F64(100.0 * unit(self.random)).cast(dtype)).collect(),
            Values::Small => (0..total).map(|_| Element::Int(self.random.below(8) as i128).cast(dtype)).collect(),
            Values::Sorted => {
                let mut elements: Vec<Element> = (0..total).map(|_| tame(self.random, dtype)).collect();
                elements.sort_by(|a, b| ascending(*a, *b));
                elements
            }
            Values::Finite => (0..total).map(|_| finite(self.random, dtype)).collect(),
            Values::Matrices | Values::Invertible | Values::Independent | Values::Hermitian | Values::Definite => {
                let (array, class) = gallery::draw(self.random, values, dtype, &shape)?;
                self.class.get_or_insert(class);
                return Some(array);
            }
            Values::Index => {
                let of = self.array_of(of?)?;
                let length = match along.and_then(|along| self.find(along)) {
                    Some(Given::Scalar(Scalar::Int(axis))) => of.shape[axis.rem_euclid(of.shape.len() as i128) as usize],
                    _ => *of.shape.last()?,
                };
                if length == 0 && total > 0 {
                    return None;
                }
                let (least, most) = dtype.integer_range().unwrap_or((i128::MIN, i128::MAX));
                // Some arrays count from the back, as far as their dtype and the function let them.
                let from_back = least < 0 && self.random.below(3) == 0;
                let place = |random: &mut Random| {
                    let at = (random.below(length) as i128).min(most);
                    if from_back && random.below(2) == 0 { (at - length as i128).max(least) } else { at }
                };
                (0..total).map(|_| Element::Int(place(self.random))).collect()
            }
        };
        Some(Array::from_elements(dtype, shape, elements))
    }

    fn arrays(
        &mut self,
        parameter: &Parameter,
        (low, high): (usize, usize),
        rank: (usize, usize),
        relation: DtypeRelation,
        shape: ShapeRelation,
    ) -> Option<Given> {
        let count = low + self.random.below(high - low + 1);
        let first = match shape {
            ShapeRelation::Vector => self.shape((1, 1)),
            ShapeRelation::Concat => self.shape((rank.0.max(1), rank.1)),
            _ => self.shape(rank),
        };
        // The axis itself is drawn later.
        let axis = (shape == ShapeRelation::Concat).then(|| self.random.below(first.len()));
        self.joined = axis;
        let dtypes = self.combination.dtypes.clone();
        let mut items = Vec::with_capacity(count);
        for i in 0..count {
            let dtype = match relation {
                DtypeRelation::Same => *dtypes.first()?,
                DtypeRelation::Promotes => *dtypes.get(i % dtypes.len().max(1))?,
                DtypeRelation::Own => self.any_dtype(parameter)?,
            };
            let shape = match (i, shape) {
                (0, _) => first.clone(),
                (_, ShapeRelation::Vector) => self.shape((1, 1)),
                (_, relation) => self.related_shape(&first, relation, axis, rank),
            };
            items.push(Given::Array(self.array(dtype, shape, Values::Any, None, None)?));
        }
        Some(if self.random.below(2) == 0 { Given::Tuple(items) } else { Given::List(items) })
    }

    /// A Python number that `dtype` can hold.
    fn number(&mut self, dtype: DType) -> Scalar {
        let element = if self.random.below(2) == 0 { element(self.random, dtype) } else { tame(self.random, dtype) };
        python_scalar(self.random, element)
    }

    fn mixture(&mut self) -> Given {
        let mut items = Vec::new();
        for (i, dtype) in self.combination.dtypes.clone().into_iter().enumerate() {
            items.push(if self.random.below(2) == 0 {
                Given::Dtype(dtype)
            } else {
                let shape = self.shape((0, 2));
                let elements: Vec<Element> = (0..shape.iter().product()).map(|_| tame(self.random, dtype)).collect();
                Given::Array(Array::from_elements(dtype, shape, elements))
            });
            // A scalar beside arrays, dtypes or both, in any place. Semantics refuse one that not all of them can hold.
            if i == 0 && self.random.below(3) == 0 {
                let element = tame(self.random, dtype);
                let scalar = python_scalar(self.random, element);
                let at = self.random.below(items.len() + 1);
                items.insert(at, Given::Scalar(scalar));
            }
        }
        Given::Tuple(items)
    }

    /// Start, stop and step of a progression.
    fn range(&mut self) -> [Scalar; 3] {
        if let Some(range) = self.range {
            return range;
        }
        let dtype = self.combination.dtypes.first().copied();
        let integers = dtype.map_or_else(|| self.random.below(2) == 0, |d| d.is_integer());
        let unsigned = dtype.is_some_and(|d| d.kind() == Kind::UnsignedInteger);
        let count = self.random.below(self.size.min(20) + 1) as i128;
        if integers && self.random.below(4) == 0 {
            let range = self.wide_range(dtype.unwrap_or(self.profile.defaults.integer), count);
            return *self.range.insert(range.map(Scalar::Int));
        }
        let step = (1 + self.random.below(4) as i128) * if self.random.below(3) == 0 && !unsigned { -1 } else { 1 };
        let start = if unsigned { self.random.below(9) as i128 } else { self.random.below(17) as i128 - 8 };
        // Sometimes the stop lies between two elements.
        let stop = start + step * count - if count > 0 && step.abs() > 1 && self.random.below(3) == 0 { step.signum() } else { 0 };
        let range = [start, stop, step];
        let range = if integers {
            range.map(Scalar::Int)
        } else {
            let parts = match self.random.below(4) {
                0 => 1.0,
                1 => 4.0,
                2 => 10.0,
                _ => 2f64.powi(60 - self.random.below(121) as i32),
            };
            range.map(|v| Scalar::Float(v as f64 / parts))
        };
        *self.range.insert(range)
    }

    /// Start, stop and step of at most `count` integers of any magnitude.
    fn wide_range(&mut self, dtype: DType, count: i128) -> [i128; 3] {
        let (low, high) = dtype.integer_range().unwrap_or((0, 0));
        // Of all magnitudes, half of the time of the greatest.
        let mut up_to = |most: i128| {
            let all = 128 - most.leading_zeros() as usize;
            let bits = if self.random.below(2) == 0 { all } else { self.random.below(all + 1) };
            (i128::from(self.random.next()) & ((1 << bits) - 1)).min(most)
        };
        let (above, below) = (up_to(high), up_to(-low));
        let start = if up_to(1) == 0 { above } else { -below };
        let downwards = low < 0 && up_to(1) == 1;
        let room = if downwards { start - low } else { high - start };
        let step = up_to((room / count.max(1)).min(high)).max(1);
        // Sometimes the stop lies between two elements.
        let distance = (step * count - if count > 0 && step > 1 { up_to(1) } else { 0 }).min(room);
        if downwards { [start, start - distance, -step] } else { [start, start + distance, step] }
    }

    /// Something of which an array can be made.
    fn object(&mut self, dtype: Option<DType>, parameter: &Parameter) -> Option<Given> {
        let kind = match dtype {
            Some(dtype) => dtype,
            None => self.any_dtype(parameter)?,
        };
        Some(match self.random.below(3) {
            0 => {
                let shape = self.shape((0, 3));
                Given::Array(self.array(kind, shape, Values::Any, None, None)?)
            }
            1 => Given::Scalar(self.exact_number(kind)),
            _ => {
                let shape = self.shape((1, 3));
                self.nested(kind, &shape)
            }
        })
    }

    /// A Python number of the kind of `dtype`, and no other.
    fn exact_number(&mut self, dtype: DType) -> Scalar {
        let element = if self.random.below(2) == 0 { element(self.random, dtype) } else { tame(self.random, dtype) };
        match element {
            Element::Bool(v) => Scalar::Bool(v),
            Element::Int(v) => Scalar::Int(v),
            other if dtype.is_complex() => Scalar::Complex(other.components()),
            other => Scalar::Float(other.components().0),
        }
    }

    fn nested(&mut self, dtype: DType, shape: &[usize]) -> Given {
        let Some((first, rest)) = shape.split_first() else { return Given::Scalar(self.exact_number(dtype)) };
        let items: Vec<Given> = (0..*first).map(|_| self.nested(dtype, rest)).collect();
        if self.random.below(2) == 0 { Given::List(items) } else { Given::Tuple(items) }
    }
}

/// The parameter whose dtype names the cell of a case.
pub struct Primary;

impl Primary {
    /// An array to whose dtype others relate, else the first array, else the dtype argument.
    pub fn of(function: &Function) -> Option<&Parameter> {
        let related = function.parameters.iter().find_map(|p| match &p.domain {
            Domain::Array { of: Some(of), dtype: DtypeRelation::Same | DtypeRelation::Promotes, .. } => Some(of),
            Domain::ArrayOrScalar { of, .. } => Some(of),
            _ => None,
        });
        let is_array = |p: &&Parameter| {
            matches!(p.domain, Domain::Array { .. } | Domain::Arrays { .. } | Domain::ArrayOrDtype {} | Domain::Mixture {})
        };
        related
            .and_then(|name| function.parameters.iter().find(|p| p.name == *name))
            .or_else(|| function.parameters.iter().find(is_array))
            .or_else(|| function.parameters.iter().find(|p| matches!(p.domain, Domain::Dtype { .. })))
    }
}

/// Small numbers of which sums and products stay in range.
fn tame(random: &mut Random, dtype: DType) -> Element {
    let small = |random: &mut Random| random.below(9) as f64 - 4.0;
    let number = |random: &mut Random| match random.below(4) {
        0 => small(random),
        1 => small(random) / 4.0,
        _ => (random.unit() + 0.5) * if random.next() & 1 == 0 { 1.0 } else { -1.0 },
    };
    match dtype.kind() {
        Kind::Boolean => Element::Bool(random.next() & 1 == 0),
        Kind::UnsignedInteger => Element::Int(random.below(4) as i128),
        Kind::SignedInteger => Element::Int(random.below(6) as i128 - 2),
        Kind::RealFloating => Element::F64(number(random)).cast(dtype),
        Kind::ComplexFloating => Element::C128(number(random), number(random)).cast(dtype),
    }
}

/// Finite numbers, small ones and of several magnitudes, so far from the ends of the range that low powers of them are numbers.
fn finite(random: &mut Random, dtype: DType) -> Element {
    let plain = tame(random, dtype);
    let exponent = if random.below(4) == 0 { random.below(41) as i32 - 20 } else { 0 };
    let (re, im) = plain.components();
    Element::C128(re * 2f64.powi(exponent), im * 2f64.powi(exponent)).cast(dtype)
}

/// A number in [0, 1], often a simple fraction.
fn unit(random: &mut Random) -> f64 {
    if random.below(2) == 0 { random.below(9) as f64 / 8.0 } else { random.unit() }
}

/// Small numbers between many NaN, and infinities where they are asked for.
fn holed(random: &mut Random, dtype: DType, infinities: bool) -> Element {
    let hole = |random: &mut Random, number: f64| match random.below(8) {
        0..4 => f64::NAN,
        4 | 5 if infinities => f64::INFINITY.copysign(number),
        _ => number,
    };
    match (tame(random, dtype), dtype.kind()) {
        (element, Kind::RealFloating) => Element::F64(hole(random, element.components().0)).cast(dtype),
        (element, Kind::ComplexFloating) => {
            let (re, im) = element.components();
            // A NaN in one component makes the number NaN.
            match random.below(4) {
                0 => Element::C128(hole(random, re), im),
                1 => Element::C128(re, hole(random, im)),
                _ => Element::C128(re, im),
            }
            .cast(dtype)
        }
        (element, _) => element,
    }
}

/// The order of real numbers, NaN after all others.
fn ascending(a: Element, b: Element) -> std::cmp::Ordering {
    match (a, b) {
        (Element::Int(a), Element::Int(b)) => a.cmp(&b),
        _ => {
            let (a, b) = (a.components().0, b.components().0);
            a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
        }
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
