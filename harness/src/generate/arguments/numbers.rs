//! Numbers as arguments: Python scalars, and arrays of counts or tolerances.

use array_assay_interface::{Array, DType, Element, Kind, Scalar};
use array_assay_oracle::call::Given;
use array_assay_spec::{Parameter, RangePart};

use super::elements::tame;
use super::{Draw, int, ints};
use crate::generate::values::{Random, element, python_scalar};

impl Draw<'_, '_> {
    /// A number between two integers, both included: an integer, or a float that is a multiple of one quarter.
    pub(super) fn real(&mut self, low: i64, high: i64) -> Given {
        let quarters = low * 4 + self.random.below(((high - low) * 4 + 1) as usize) as i64;
        match self.random.pick_below("number", 3) {
            0 => int(quarters.div_euclid(4)),
            1 => Given::Scalar(Scalar::Float(quarters.div_euclid(4) as f64)),
            _ => Given::Scalar(Scalar::Float(quarters as f64 / 4.0)),
        }
    }

    /// An integer between two others: one of them, zero, or any.
    pub(super) fn integer(&mut self, low: i64, high: i64) -> i64 {
        if high - low < 4 {
            return low + self.random.pick_below("integer", (high - low + 1) as usize) as i64;
        }
        match self.random.pick("integer", &[1, 1, usize::from(low < 0 && 0 < high), usize::from(low < 0), usize::from(high > 0) * 2]) {
            0 => low,
            1 => high,
            2 => 0,
            3 => low + self.random.below((-low).min(high - low + 1) as usize) as i64,
            _ => high - self.random.below((high - low.max(0) + 1) as usize) as i64,
        }
    }

    /// By how many places elements are shifted: one number for all axes, or one for each axis of the argument `along`.
    pub(super) fn shift(&mut self, along: &str) -> Given {
        let axes = if let Some(Given::Tuple(axes)) = self.find(along) { Some(axes.len()) } else { None };
        let most = if self.random.pick_yes("far", 3) { 40 } else { 5 };
        let shift = |random: &mut Random| random.below(2 * most + 1) as i64 - most as i64;
        match axes {
            // One shift may stand for all axes.
            Some(count) if !self.random.pick_yes("one for all", 3) => ints((0..count).map(|_| shift(self.random)).collect()),
            _ => int(shift(self.random)),
        }
    }

    /// How often the array `of` is repeated along its last axes.
    pub(super) fn repetitions(&mut self, of: &str) -> Option<Given> {
        let rank = self.array_of(of)?.shape.len();
        let count = match self.random.pick_below("count", 3) {
            0 => self.random.below(rank.max(1)),
            1 => rank,
            _ => rank + 1,
        };
        Some(ints((0..count).map(|_| self.random.below(self.size.min(3) + 1) as i64).collect()))
    }

    /// How often each element of the array `of` is repeated: one number, or an array with a number for each element along the axis.
    pub(super) fn repeats(&mut self, parameter: &Parameter, of: &str, along: &str) -> Option<Given> {
        let shape = &self.array_of(of)?.shape;
        let length = match self.find(along) {
            Some(Given::Scalar(Scalar::Int(axis))) => shape[axis.rem_euclid(shape.len() as i128) as usize],
            _ => shape.iter().product(),
        };
        if self.random.pick_yes("number", 2) {
            return Some(int(self.random.pick_below("times", 4) as i64));
        }
        let dtype = self.any_dtype(parameter)?;
        // One count may stand for all elements.
        let length = if self.random.pick_yes("one for all", 4) { 1 } else { length };
        let counts: Vec<Element> = (0..length).map(|_| Element::Int(self.random.below(4) as i128)).collect();
        Some(Given::Array(Array::from_elements(dtype, vec![length], counts)))
    }

    /// The start, the stop or the step of a progression. All three are drawn together, when the first of them is asked for.
    pub(super) fn range_part(&mut self, part: RangePart) -> Given {
        let [start, stop, step] = self.range();
        Given::Scalar(match part {
            RangePart::Start => start,
            RangePart::Stop => stop,
            RangePart::Step => step,
        })
    }

    /// A number that fits the dtype argument named `dtype`, or the dtype of the array `of`, or that of the cell.
    pub(super) fn number_argument(&mut self, parameter: &Parameter, dtype: Option<&str>, of: Option<&str>) -> Given {
        let requested = dtype.and_then(|name| self.find(name));
        let dtype = match (requested, of.and_then(|of| self.find(of))) {
            (Some(Given::Dtype(dtype)), _) => *dtype,
            (_, Some(Given::Array(array))) => array.dtype,
            _ => match self.combination.dtypes.first() {
                Some(dtype) => *dtype,
                None => self.any_dtype(parameter).unwrap_or(DType::Float64),
            },
        };
        Given::Scalar(self.number(dtype))
    }

    /// The order of a norm, as the spec names it.
    pub(super) fn order(&mut self, among: &[String]) -> Given {
        match among[self.random.pick_below("order", among.len())].as_str() {
            "inf" => Given::Scalar(Scalar::Float(f64::INFINITY)),
            "-inf" => Given::Scalar(Scalar::Float(f64::NEG_INFINITY)),
            text => match (text.parse::<i128>(), text.parse::<f64>()) {
                (Ok(v), _) => Given::Scalar(Scalar::Int(v)),
                (_, Ok(v)) => Given::Scalar(Scalar::Float(v)),
                _ => Given::Str(text.to_owned()),
            },
        }
    }

    /// A tolerance below one for the matrices of the stack `of`: one number, or an array that broadcasts to the stack.
    pub(super) fn tolerance(&mut self, of: &str) -> Option<Given> {
        let matrices = self.array_of(of)?;
        let dtype = matrices.dtype.real();
        let stack = matrices.shape[..matrices.shape.len().saturating_sub(2)].to_vec();
        let tolerance = |random: &mut Random| [1e-3, 0.02, 0.1, 0.3, 0.6][random.below(5)] * (0.75 + random.unit() / 2.0);
        if self.random.pick_yes("number", 2) {
            return Some(Given::Scalar(Scalar::Float(tolerance(self.random))));
        }
        let shape = self.broadcastable(&stack);
        let numbers: Vec<Element> = (0..shape.iter().product()).map(|_| Element::F64(tolerance(self.random)).cast(dtype)).collect();
        Some(Given::Array(Array::from_elements(dtype, shape, numbers)))
    }

    /// A Python number that `dtype` can hold.
    fn number(&mut self, dtype: DType) -> Scalar {
        if let Some((low, high)) = dtype.integer_range().filter(|_| self.random.pick_yes("ends", 4)) {
            return Scalar::Int([low, high, high / 2 + 1][self.random.below(3)]);
        }
        let element = if self.random.below(2) == 0 { element(self.random, dtype) } else { tame(self.random, dtype) };
        python_scalar(self.random, element)
    }

    /// A Python number of the kind of `dtype`. Unlike [`Draw::number`], never a number of another kind that `dtype` can also hold.
    pub(super) fn exact_number(&mut self, dtype: DType) -> Scalar {
        let element = if self.random.below(2) == 0 { element(self.random, dtype) } else { tame(self.random, dtype) };
        match element {
            Element::Bool(v) => Scalar::Bool(v),
            Element::Int(v) => Scalar::Int(v),
            other if dtype.is_complex() => Scalar::Complex(other.components()),
            other => Scalar::Float(other.components().0),
        }
    }

    /// The start, stop and step of a progression. They are the same each time within one call.
    fn range(&mut self) -> [Scalar; 3] {
        if let Some(range) = self.range {
            return range;
        }
        let dtype = self.combination.dtypes.first().copied();
        let integers = dtype.map_or_else(|| self.random.pick_yes("integers", 2), |d| d.is_integer());
        let unsigned = dtype.is_some_and(|d| d.kind() == Kind::UnsignedInteger);
        let count = match self.random.pick("length", &[1, 2, 8]) {
            0 => 0,
            1 => 1,
            _ => self.random.below(self.size.min(20) + 1) as i128,
        };
        if integers && self.random.pick_yes("wide", 2) {
            let range = self.wide_range(dtype.unwrap_or(self.profile.defaults.integer), count);
            return *self.range.insert(range.map(Scalar::Int));
        }
        let step = (1 + self.random.below(4) as i128) * if !unsigned && self.random.pick_yes("downwards", 3) { -1 } else { 1 };
        let start = if unsigned { self.random.below(9) as i128 } else { self.random.below(17) as i128 - 8 };
        // Sometimes the stop lies between two elements.
        let stop =
            start + step * count - if count > 0 && step.abs() > 1 && self.random.pick_yes("stop between", 3) { step.signum() } else { 0 };
        let range = [start, stop, step];
        let range = if integers {
            range.map(Scalar::Int)
        } else {
            let parts = match self.random.pick_below("parts", 4) {
                0 => 1.0,
                1 => 4.0,
                2 => 10.0,
                _ => 2f64.powi(60 - self.random.below(121) as i32),
            };
            range.map(|v| Scalar::Float(v as f64 / parts))
        };
        *self.range.insert(range)
    }

    /// The start, stop and step of a progression of at most `count` integers of any magnitude.
    fn wide_range(&mut self, dtype: DType, count: i128) -> [i128; 3] {
        let (low, high) = dtype.integer_range().unwrap_or((0, 0));
        // Half of the numbers have as many bits as `most`, the others have any number of bits.
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
}
