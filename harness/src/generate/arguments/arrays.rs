//! Arrays as arguments, alone, in sequences and where other objects may stand in their place.

use array_assay_interface::{Array, DType, Element, Scalar};
use array_assay_oracle::call::{Given, broadcast_shapes};
use array_assay_spec::{Domain, DtypeRelation, Parameter, ShapeRelation, Values};

use super::elements::{ascending, finite, has_large, holed, large, tame, unit};
use super::{Draw, gallery};
use crate::generate::corners;
use crate::generate::values::{PERIOD, Random, alike, element, python_scalar};

impl Draw<'_, '_> {
    /// The primary array that was handed in. `None` if its rank lies outside the domain.
    pub(super) fn handed_in(&mut self, (low, high): (usize, usize)) -> Option<Given> {
        let array = self.primary.take()?;
        (low..=high).contains(&array.shape.len()).then_some(Given::Array(array))
    }

    /// An array for a parameter whose domain is [`Domain::Array`].
    pub(super) fn array_argument(&mut self, parameter: &Parameter, primary: bool) -> Option<Given> {
        let Domain::Array { rank, of, along, dtype, shape, values, .. } = &parameter.domain else { return None };
        let dtype = self.dtype_of(parameter, primary, *dtype, of.as_deref())?;
        if *values == Values::Any && *shape == ShapeRelation::Own && self.takes_every_corner(parameter, *rank) {
            let elements = corners::to_convert(dtype);
            return Some(Given::Array(Array::from_elements(dtype, vec![elements.len()], elements)));
        }
        let shape = match values {
            Values::Matrices | Values::Invertible | Values::Independent if *shape == ShapeRelation::Own => self.rectangles(*rank),
            Values::Signal | Values::HalfSpectrum => self.signal_shape(*rank, *values),
            _ if self.is_indexed(parameter) => self.indexed_shape(*rank),
            _ => self.shape_of(*rank, *shape, of.as_deref(), along.as_deref())?,
        };
        let array = self.array(dtype, shape, *values, of.as_deref(), along.as_deref())?;
        // Conversions to Python numbers treat these elements specially. A single random element is seldom one of them.
        Some(Given::Array(if *rank == (0, 0) && dtype.is_floating() && self.random.pick_yes("special", 4) {
            let special = match self.random.pick("which special", &[1, 1, 1, 1, 1, usize::from(dtype.is_complex())]) {
                0 => Element::F64(f64::NAN),
                1 => Element::F64(f64::INFINITY),
                2 => Element::F64(f64::NEG_INFINITY),
                3 => Element::F64(-0.0),
                // More than any integer of 64 bits.
                4 => Element::F64(1.5 * 2f64.powi(63)),
                _ => Element::C128(0.0, 2.5),
            };
            Array::from_elements(dtype, array.shape, [special.cast(dtype)])
        } else {
            array
        }))
    }

    /// Whether the argument is a vector of the corner values of its dtype, as it often is where they are converted to another dtype.
    fn takes_every_corner(&mut self, parameter: &Parameter, (low, high): (usize, usize)) -> bool {
        let may_be_vector = (low..=high).contains(&1) && self.size == usize::MAX && self.length.is_none() && self.profile.shapes.is_empty();
        let is_of = |domain: &Domain| matches!(domain, Domain::Dtype { of: Some(of), .. } if *of == parameter.name);
        let is_converted = self.function.parameters.iter().any(|p| is_of(&p.domain));
        may_be_vector && is_converted && self.random.pick_yes("every corner", 2)
    }

    /// Whether another argument is an array of indices into this one.
    fn is_indexed(&self, parameter: &Parameter) -> bool {
        self.function
            .parameters
            .iter()
            .any(|p| matches!(&p.domain, Domain::Array { values: Values::Index, of: Some(of), .. } if *of == parameter.name))
    }

    /// A Python scalar, or an array whose dtype promotes with that of the array `of`. With `either`, the scalar may take the place of `of`,
    /// whose array is then the argument.
    pub(super) fn array_or_scalar(&mut self, parameter: &Parameter, of: &str, shape: ShapeRelation, either: bool) -> Option<Given> {
        let other = self.array_of(of)?.clone();
        let scalar = self.random.pick("scalar", &[4, 2, usize::from(either)]);
        if scalar > 0 {
            let element = element(self.random, other.dtype);
            let given = Given::Scalar(python_scalar(self.random, element));
            let place = self.given.iter_mut().find(|(name, _)| scalar == 2 && *name == of);
            return Some(place.map_or(given.clone(), |(_, place)| std::mem::replace(place, given)));
        }
        let partner = self.partner(parameter, &other)?;
        let shape = self.related_shape(&other.shape, shape, None, (0, 4));
        if other.is_empty() || !self.random.pick_yes("alike", 2) {
            return Some(Given::Array(self.array(partner, shape, Values::Few, None, None)?));
        }
        // Elements of the other array, and others that would be taken for them in its dtype.
        let near = |random: &mut Random| {
            let of = other.get(random.below(other.len()));
            alike(random, of, other.dtype, partner)
        };
        let elements: Vec<Element> = (0..shape.iter().product()).map(|_| near(self.random)).collect();
        Some(Given::Array(Array::from_elements(partner, shape, elements)))
    }

    /// The dtype of the cell, or an array of it.
    pub(super) fn array_or_dtype(&mut self, parameter: &Parameter) -> Option<Given> {
        let dtype = self.combination.dtypes.first().copied().or_else(|| self.any_dtype(parameter))?;
        if self.random.pick_yes("by dtype", 2) {
            return Some(Given::Dtype(dtype));
        }
        let shape = self.shape((0, 3));
        Some(Given::Array(self.array(dtype, shape, Values::Any, None, None)?))
    }

    /// The indices that sort the vector `of`. The vector itself is shuffled first.
    pub(super) fn sorter(&mut self, parameter: &Parameter, of: &str) -> Option<Given> {
        self.shuffle(of)?;
        let vector = self.array_of(of)?;
        let mut order: Vec<usize> = (0..vector.len()).collect();
        order.sort_by(|i, j| ascending(vector.get(*i), vector.get(*j)));
        let dtype = self.any_dtype(parameter).unwrap_or(DType::Int64);
        Some(Given::Array(Array::from_elements(dtype, vec![order.len()], order.into_iter().map(|i| Element::Int(i as i128)))))
    }

    /// A sequence of `low` to `high` arrays that fit together.
    pub(super) fn arrays(
        &mut self,
        parameter: &Parameter,
        (low, high): (usize, usize),
        rank: (usize, usize),
        relation: DtypeRelation,
        shape: ShapeRelation,
    ) -> Option<Given> {
        let count = low + self.random.pick_below("count", high - low + 1);
        let first = match shape {
            ShapeRelation::Vector => self.shape((1, 1)),
            ShapeRelation::Concat => self.shape((rank.0.max(1), rank.1)),
            _ => self.shape(rank),
        };
        // The axis argument is drawn later, and will be this axis.
        let axis = (shape == ShapeRelation::Concat).then(|| self.random.below(first.len()));
        self.joined = axis;
        let dtypes = self.combination.dtypes.clone();
        // Of dtypes that promote, one array has the other one.
        let other = if count > 1 { self.random.pick_below("other dtype", count) } else { count };
        let mut common = first.clone();
        let mut items = Vec::with_capacity(count);
        for i in 0..count {
            let dtype = match relation {
                DtypeRelation::Same => *dtypes.first()?,
                DtypeRelation::Promotes if i == other => *dtypes.last()?,
                DtypeRelation::Promotes => *dtypes.first()?,
                DtypeRelation::Own => self.any_dtype(parameter)?,
            };
            let own = match (i, shape) {
                (0, _) => first.clone(),
                (_, ShapeRelation::Vector) => self.shape((1, 1)),
                (_, relation) => self.related_shape(&common, relation, axis, rank),
            };
            if shape == ShapeRelation::Broadcast {
                common = broadcast_shapes([&common[..], &own])?;
            }
            items.push(Given::Array(self.array(dtype, own, Values::Any, None, None)?));
        }
        Some(if self.random.pick_yes("tuple", 2) { Given::Tuple(items) } else { Given::List(items) })
    }

    /// Arrays and dtypes of the combination in one tuple, sometimes with a Python scalar.
    pub(super) fn mixture(&mut self) -> Given {
        let mut items = Vec::new();
        let mut dtypes = self.combination.dtypes.clone();
        if self.random.pick_yes("three", 3) {
            // The last one decides, or one before it.
            dtypes.insert(self.random.below(2), dtypes[0]);
        }
        for (i, dtype) in dtypes.into_iter().enumerate() {
            items.push(if self.random.pick_yes(["first by dtype", "second by dtype", "third by dtype"][i], 2) {
                Given::Dtype(dtype)
            } else {
                let shape = self.shape((0, 2));
                let elements: Vec<Element> = (0..shape.iter().product()).map(|_| tame(self.random, dtype)).collect();
                Given::Array(Array::from_elements(dtype, shape, elements))
            });
            // The oracle refuses the call if one of the dtypes cannot hold the scalar.
            if i == 0 && self.random.pick_yes("scalar", 3) {
                let element = tame(self.random, dtype);
                let scalar = python_scalar(self.random, element);
                let at = self.random.below(items.len() + 1);
                items.insert(at, Given::Scalar(scalar));
            }
        }
        Given::Tuple(items)
    }

    /// An object that `asarray` takes: an array, a Python scalar or nested sequences.
    pub(super) fn object(&mut self, parameter: &Parameter, dtype: &str) -> Option<Given> {
        let stated = if let Some(Given::Dtype(dtype)) = self.find(dtype) { Some(*dtype) } else { None };
        let object = self.random.pick_below("object", 3);
        let defaults = self.profile.defaults;
        let kind = match stated.or_else(|| self.combination.dtypes.first().copied()) {
            Some(dtype) => dtype,
            None if object == 0 => self.any_dtype(parameter)?,
            // Python numbers have a kind and no width.
            None => [DType::Bool, defaults.integer, defaults.real, defaults.complex][self.random.pick_below("kind", 4)],
        };
        Some(match object {
            0 => {
                let shape = self.shape((0, 3));
                Given::Array(self.array(kind, shape, Values::Any, None, None)?)
            }
            1 => Given::Scalar(self.exact_number(kind)),
            _ => {
                let shape = self.shape((1, 3));
                let total: usize = shape.iter().product();
                // Of numbers of several kinds the highest kind counts, wherever it is, if no dtype is stated.
                let lower: &[DType] = match kind {
                    DType::Bool => &[],
                    kind if kind.is_integer() => &[DType::Bool],
                    _ => &[DType::Bool, DType::Int8],
                };
                let mixed = self.random.pick("mixed", &[1, 3 * usize::from(stated.is_none() && !lower.is_empty())]) == 1;
                let highest = self.random.below(total.max(1));
                let low = if mixed { lower[self.random.below(lower.len())] } else { kind };
                let number = |i: usize| {
                    let is_lower = mixed && i != highest && self.random.below(2) == 0;
                    self.exact_number(if is_lower { low } else { kind })
                };
                let numbers: Vec<Scalar> = (0..total).map(number).collect();
                self.nested(&mut numbers.into_iter(), &shape)
            }
        })
    }

    /// Nested lists and tuples of numbers, with the lengths of a shape.
    fn nested(&mut self, numbers: &mut impl Iterator<Item = Scalar>, shape: &[usize]) -> Given {
        let Some((first, rest)) = shape.split_first() else { return numbers.next().map_or(Given::None, Given::Scalar) };
        let items: Vec<Given> = (0..*first).map(|_| self.nested(numbers, rest)).collect();
        if self.random.below(2) == 0 { Given::List(items) } else { Given::Tuple(items) }
    }

    /// Changes the order of the elements of a vector that was drawn before.
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

    /// An array with elements of the kind `values`. For [`Values::Index`], `of` and `along` name the array and the axis that are indexed.
    pub(super) fn array(
        &mut self,
        dtype: DType,
        shape: Vec<usize>,
        values: Values,
        of: Option<&str>,
        along: Option<&str>,
    ) -> Option<Array> {
        let total: usize = shape.iter().product();
        // A long vector may come with a matrix as long on both sides, which would be too much.
        if self.length.is_some_and(|length| total > 2 * length) {
            return None;
        }
        let free = matches!(values, Values::Any | Values::Tame | Values::Few | Values::Finite | Values::Small);
        if free && self.length.is_some_and(|length| total == length && total > PERIOD) {
            let pattern = self.array(dtype, vec![PERIOD], values, of, along)?;
            let odd = self.odd_one(&pattern, total, values);
            let element = |i: usize| odd.filter(|(at, _)| *at == i).map_or_else(|| pattern.get(i % PERIOD), |(_, odd)| odd);
            return Some(Array::from_elements(dtype, shape, (0..total).map(element)));
        }
        let elements: Vec<Element> = match values {
            Values::Any if self.random.pick_yes("few elements", 4) => {
                let few = self.few_elements(dtype, total);
                self.salted(few, dtype)
            }
            Values::Any => {
                let any = (0..total).map(|_| element(self.random, dtype)).collect();
                self.salted(any, dtype)
            }
            Values::Tame => match self.random.pick("any elements", &[6, 2, usize::from(has_large(dtype))]) {
                0 => (0..total).map(|_| tame(self.random, dtype)).collect(),
                1 => (0..total).map(|_| element(self.random, dtype)).collect(),
                // Their sum has digits that float64 has not.
                _ => (0..total).map(|_| Element::Int((1 << 53) + self.random.below(16) as i128)).collect(),
            },
            Values::Few => {
                let few = self.few_elements(dtype, total);
                self.salted(few, dtype)
            }
            Values::Signal | Values::HalfSpectrum => self.signal(dtype, total),
            Values::Holes => {
                let infinities = self.random.pick_yes("infinities", 3);
                (0..total).map(|_| holed(self.random, dtype, infinities)).collect()
            }
            Values::Unit => (0..total).map(|_| Element::F64(unit(self.random)).cast(dtype)).collect(),
            Values::Percent => (0..total).map(|_| Element::F64(100.0 * unit(self.random)).cast(dtype)).collect(),
            Values::Small => (0..total).map(|_| Element::Int(self.random.below(8) as i128).cast(dtype)).collect(),
            Values::Sorted => {
                let mut elements: Vec<Element> = match self.random.pick_yes("beside each other", 2) {
                    false => (0..total).map(|_| tame(self.random, dtype)).collect(),
                    // A few numbers of any magnitude, with their neighbours.
                    true => {
                        let far = has_large(dtype) && self.random.below(2) == 0;
                        let number = |random: &mut Random| if far { Element::Int(large(random, dtype)) } else { element(random, dtype) };
                        let some: Vec<Element> = (0..1 + total / 4).map(|_| number(self.random)).collect();
                        (0..total).map(|i| alike(self.random, some[i % some.len()], dtype, dtype)).collect()
                    }
                };
                elements.sort_by(|a, b| ascending(*a, *b));
                elements
            }
            Values::Finite => (0..total).map(|_| finite(self.random, dtype)).collect(),
            Values::Matrices | Values::Invertible | Values::Independent | Values::Hermitian | Values::Definite => {
                let (array, class) = gallery::draw(self.random, values, dtype, &shape)?;
                self.class.get_or_insert(class);
                return Some(array);
            }
            Values::Index => self.indices(dtype, total, of?, along)?,
        };
        Some(Array::from_elements(dtype, shape, elements))
    }

    /// Elements, of which a few may be replaced by NaN, infinities or zeros of both signs.
    fn salted(&mut self, mut elements: Vec<Element>, dtype: DType) -> Vec<Element> {
        if elements.is_empty() {
            return elements;
        }
        if let Some((low, high)) = dtype.integer_range() {
            // The ends, and the numbers beside the place where the sign changes if unsigned numbers are taken for signed ones.
            let salt = match self.random.pick("special elements", &[6, 1, 1]) {
                0 => return elements,
                1 => [low, high],
                _ => [high / 2, high / 2 + 1],
            };
            for number in salt {
                let at = self.random.below(elements.len());
                elements[at] = Element::Int(number);
            }
            return elements;
        }
        if !dtype.is_floating() {
            return elements;
        }
        let salt = match self.random.pick("special elements", &[12, 1, 1, 1]) {
            0 => return elements,
            1 => [f64::NAN, f64::NAN],
            2 => [f64::INFINITY, f64::NEG_INFINITY],
            _ => [0.0, -0.0],
        };
        for number in salt {
            let at = self.random.below(elements.len());
            elements[at] = match self.random.pick_below("component", if dtype.is_complex() { 3 } else { 1 }) {
                0 => Element::F64(number).cast(dtype),
                1 => Element::C128(1.0, number).cast(dtype),
                _ => Element::C128(number, number).cast(dtype),
            };
        }
        elements
    }

    /// `total` elements, of which many are equal.
    fn few_elements(&mut self, dtype: DType, total: usize) -> Vec<Element> {
        let count = 2 + self.random.below(4);
        if self.random.pick("large neighbours", &[3, usize::from(has_large(dtype))]) == 1 {
            let base = large(self.random, dtype);
            return (0..total).map(|_| Element::Int(base + self.random.below(count) as i128)).collect();
        }
        let mut few: Vec<Element> =
            (0..count).map(|_| if self.random.below(2) == 0 { element(self.random, dtype) } else { tame(self.random, dtype) }).collect();
        if self.random.pick_yes("zeros", 2) {
            few[0] = Element::Int(0).cast(dtype);
            // Zeros of both signs compare equal.
            if dtype.is_floating() && self.random.below(2) == 0 {
                few[1] = Element::F64(-0.0).cast(dtype);
            }
        }
        (0..total).map(|_| few[self.random.below(few.len())]).collect()
    }

    /// An element that breaks the pattern of a long vector, and its place: in the second half, often at the end. An implementation that works
    /// in blocks may lose what only a later block holds. Most vectors have no such element.
    fn odd_one(&mut self, pattern: &Array, total: usize, values: Values) -> Option<(usize, Element)> {
        let dtype = pattern.dtype;
        let may_be_nan = matches!(values, Values::Any | Values::Tame) && dtype.is_floating();
        let odd = match self.random.pick("odd one", &[4, 2, usize::from(may_be_nan)]) {
            0 => return None,
            1 => self.array(dtype, vec![1], values, None, None)?.get(0),
            _ => Element::F64(f64::NAN).cast(dtype),
        };
        let from_end = if self.random.below(2) == 0 { 0 } else { self.random.below(total / 2) };
        Some((total - 1 - from_end, odd))
    }

    /// `total` indices of elements along an axis of the array `of`. `None` if the axis is empty.
    fn indices(&mut self, dtype: DType, total: usize, of: &str, along: Option<&str>) -> Option<Vec<Element>> {
        let of = self.array_of(of)?;
        let length = match along.and_then(|along| self.find(along)) {
            Some(Given::Scalar(Scalar::Int(axis))) => of.shape[axis.rem_euclid(of.shape.len() as i128) as usize],
            _ => *of.shape.last()?,
        };
        if length == 0 && total > 0 {
            return None;
        }
        let (least, most) = dtype.integer_range().unwrap_or((i128::MIN, i128::MAX));
        // Some arrays count from the back, as far as their dtype allows negative numbers.
        let from_back = least < 0 && self.random.pick_yes("from the back", 3);
        let place = |random: &mut Random| {
            let at = (random.below(length) as i128).min(most);
            if from_back && random.below(2) == 0 { (at - length as i128).max(least) } else { at }
        };
        Some((0..total).map(|_| Element::Int(place(self.random))).collect())
    }
}
