//! Values and shapes that do not come back from a library unchanged. The header of a run names them, other values are drawn in their place,
//! and everything else is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use array_assay_interface::{Array, DType, Element, Scalar};

use super::shapes::ShapeKind;

/// A kind of values that may not come back from a library unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fragile {
    /// The sign of a zero.
    NegativeZero,
    /// The sign of a NaN.
    NegativeNan,
    /// Other bits of a NaN.
    NanPayload,
    /// Any NaN.
    Nan,
    /// Infinities.
    Infinity,
    /// Subnormal numbers.
    Subnormal,
    /// Integers beyond 2^53, which float64 cannot hold.
    WideInteger,
}

impl Fragile {
    /// All kinds.
    pub const ALL: [Fragile; 7] = [
        Fragile::NegativeZero,
        Fragile::NegativeNan,
        Fragile::NanPayload,
        Fragile::Nan,
        Fragile::Infinity,
        Fragile::Subnormal,
        Fragile::WideInteger,
    ];

    /// Elements of a dtype that show whether values of the kind come back. Empty if the dtype has no such values.
    pub fn samples(self, dtype: DType) -> Vec<Element> {
        let numbers: Vec<f64> = match self {
            Fragile::NegativeZero => vec![-0.0],
            Fragile::NegativeNan => vec![-f64::NAN],
            Fragile::NanPayload => vec![f64::from_bits(f64::NAN.to_bits() | 1 << 30)],
            Fragile::Nan => vec![f64::NAN],
            Fragile::Infinity => vec![f64::INFINITY, f64::NEG_INFINITY],
            Fragile::Subnormal => {
                let least =
                    if matches!(dtype, DType::Float32 | DType::Complex64) { f64::from(f32::MIN_POSITIVE) } else { f64::MIN_POSITIVE };
                vec![least / 4.0, -least / 2.0]
            }
            Fragile::WideInteger => {
                let (low, high) = dtype.integer_range().unwrap_or_default();
                return [high, low].into_iter().filter(|v| is_wide(*v)).map(Element::Int).collect();
            }
        };
        match dtype {
            // A conversion may change the payload of NaN, so `single` makes the bits.
            DType::Float32 => numbers.into_iter().map(|v| Element::F32(single(v))).collect(),
            DType::Float64 => numbers.into_iter().map(Element::F64).collect(),
            DType::Complex64 => numbers.into_iter().flat_map(|v| [Element::C64(single(v), 1.0), Element::C64(1.0, single(v))]).collect(),
            DType::Complex128 => numbers.into_iter().flat_map(|v| [Element::C128(v, 1.0), Element::C128(1.0, v)]).collect(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Fragile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fragile::NegativeZero => "negative zero",
            Fragile::NegativeNan => "the sign of NaN",
            Fragile::NanPayload => "the payload of NaN",
            Fragile::Nan => "NaN",
            Fragile::Infinity => "infinities",
            Fragile::Subnormal => "subnormal numbers",
            Fragile::WideInteger => "integers beyond 2**53",
        })
    }
}

/// The values and shapes that do not come back from a library unchanged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Losses {
    /// The kinds of values that are lost, by dtype.
    pub values: BTreeMap<DType, BTreeSet<Fragile>>,
    /// The NaN that comes back in place of all others, if it is not the usual one.
    pub nans: BTreeMap<DType, f64>,
    /// The kinds of shapes whose arrays are lost.
    pub shapes: BTreeSet<ShapeKind>,
}

impl Losses {
    /// Whether values of a kind are lost in arrays of a dtype.
    pub fn loses(&self, dtype: DType, kind: Fragile) -> bool {
        self.values.get(&dtype).is_some_and(|lost| lost.contains(&kind))
    }

    /// The array with its lost elements replaced by others that come back. `None` if no element is lost.
    pub fn replaced(&self, array: &Array) -> Option<Array> {
        let lost = self.values.get(&array.dtype)?;
        let elements: Vec<Element> = array.elements().map(|element| self.survivor(array.dtype, lost, element)).collect();
        let kept = elements.iter().zip(array.elements()).all(|(new, old)| new.same_bits(old));
        (!kept).then(|| Array::from_elements(array.dtype, array.shape.clone(), elements))
    }

    /// A Python scalar beside arrays of a dtype, or another that comes back in its place.
    pub fn replaced_scalar(&self, dtype: DType, scalar: Scalar) -> Scalar {
        let Some(lost) = self.values.get(&dtype) else { return scalar };
        match scalar {
            Scalar::Float(v) => Scalar::Float(self.survivor(dtype, lost, Element::F64(v)).components().0),
            Scalar::Complex((re, im)) => Scalar::Complex(self.survivor(dtype, lost, Element::C128(re, im)).components()),
            other => other,
        }
    }

    /// The element, or another that comes back in its place. Equal elements get the same replacement.
    fn survivor(&self, dtype: DType, lost: &BTreeSet<Fragile>, element: Element) -> Element {
        let nan = self.nans.get(&dtype).copied();
        let double = |v: f64| if v.is_nan() { nan.unwrap_or_else(|| surviving64(lost, v)) } else { surviving64(lost, v) };
        let single = |v: f32| if v.is_nan() { nan.map_or_else(|| surviving32(lost, v), single) } else { surviving32(lost, v) };
        match element {
            Element::Int(v) if is_wide(v) && lost.contains(&Fragile::WideInteger) => Element::Int(v >> 11),
            Element::F32(v) => Element::F32(single(v)),
            Element::F64(v) => Element::F64(double(v)),
            Element::C64(re, im) => Element::C64(single(re), single(im)),
            Element::C128(re, im) => Element::C128(double(re), double(im)),
            other => other,
        }
    }

    /// Whether zeros of this dtype come back without their sign.
    pub fn loses_sign_of_zero(&self, dtype: DType) -> bool {
        self.loses(dtype, Fragile::NegativeZero)
    }

    /// Whether arrays of this shape reach the library and come back.
    pub fn carries(&self, shape: &[usize]) -> bool {
        self.shapes.is_empty() || !self.shapes.contains(&ShapeKind::of(shape))
    }
}

/// Whether `float64` cannot hold all integers of this magnitude.
fn is_wide(v: i128) -> bool {
    v.unsigned_abs() > 1 << 53
}

/// The float32 number of a double. NaN keeps its sign and the upper bits of its payload.
fn single(v: f64) -> f32 {
    if v.is_nan() {
        f32::from_bits((v.to_bits() >> 32 & 0x8000_0000) as u32 | 0x7fc0_0000 | (v.to_bits() >> 29 & 0x3f_ffff) as u32)
    } else {
        v as f32
    }
}

macro_rules! surviving {
    ($name:ident, $t:ty) => {
        fn $name(lost: &BTreeSet<Fragile>, v: $t) -> $t {
            let is_lost = |kind| lost.contains(&kind);
            if v.is_nan() {
                let payload = <$t>::NAN.to_bits() != v.abs().to_bits();
                return match () {
                    () if is_lost(Fragile::Nan) => 1.0,
                    () if v.is_sign_negative() && is_lost(Fragile::NegativeNan) || payload && is_lost(Fragile::NanPayload) => <$t>::NAN,
                    () => v,
                };
            }
            match v {
                v if v == 0.0 && v.is_sign_negative() && is_lost(Fragile::NegativeZero) => 0.0,
                v if v.is_infinite() && is_lost(Fragile::Infinity) => <$t>::MAX.copysign(v),
                v if v.is_subnormal() && is_lost(Fragile::Subnormal) => <$t>::MIN_POSITIVE.copysign(v),
                v => v,
            }
        }
    };
}

surviving!(surviving32, f32);
surviving!(surviving64, f64);

#[cfg(test)]
mod tests {
    use super::*;

    fn losses(dtype: DType, kinds: &[Fragile]) -> Losses {
        Losses { values: BTreeMap::from([(dtype, kinds.iter().copied().collect())]), ..Losses::default() }
    }

    #[test]
    fn samples_of_a_lost_kind_are_replaced_and_no_others() {
        for dtype in DType::ALL {
            for kind in Fragile::ALL {
                let samples = kind.samples(dtype);
                let array = Array::from_elements(dtype, vec![samples.len()], samples.iter().copied());
                let lost = losses(dtype, &[kind]);
                assert_eq!(lost.replaced(&array).is_some(), !samples.is_empty(), "{dtype}: {kind}");
                let replaced = lost.replaced(&array).unwrap_or(array.clone());
                assert_eq!(lost.replaced(&replaced), None, "{dtype}: {kind}");
                assert_eq!(Losses::default().replaced(&array), None);
            }
            let plain = Array::from_elements(dtype, vec![3], [0, 1, 2].map(Element::Int));
            assert_eq!(losses(dtype, &Fragile::ALL).replaced(&plain), None, "{dtype}");
        }
    }

    #[test]
    fn the_nan_that_a_library_returns_for_all_is_drawn() {
        let mut lost = losses(DType::Float32, &[Fragile::Nan]);
        lost.nans.insert(DType::Float32, -f64::NAN);
        let array =
            |elements: &[f32]| Array::from_elements(DType::Float32, vec![elements.len()], elements.iter().map(|v| Element::F32(*v)));
        let replaced = lost.replaced(&array(&[f32::NAN, 1.0])).expect("the usual NaN is lost");
        assert_eq!(replaced, array(&[-f32::NAN, 1.0]));
        assert_eq!(lost.replaced(&replaced), None);
    }

    #[test]
    fn a_lost_element_is_replaced_by_the_nearest_one_of_its_sign() {
        let all = losses(DType::Float64, &Fragile::ALL);
        let survivor =
            |lost: &[Fragile], element| losses(DType::Float64, lost).survivor(DType::Float64, &lost.iter().copied().collect(), element);
        for (given, instead) in
            [(-0.0, 0.0), (f64::NEG_INFINITY, f64::MIN), (f64::from_bits(7), f64::MIN_POSITIVE), (-f64::NAN, 1.0), (-2.5, -2.5)]
        {
            assert!(survivor(&Fragile::ALL, Element::F64(given)).same_bits(Element::F64(instead)), "{given}");
        }
        assert!(survivor(&[Fragile::NegativeNan], Element::C64(-f32::NAN, -1.0)).same_bits(Element::C64(f32::NAN, -1.0)));
        assert_eq!(all.replaced_scalar(DType::Float64, Scalar::Float(-0.0)).element().components().0.to_bits(), 0);
        assert_eq!(survivor(&Fragile::ALL, Element::Int(i128::from(i64::MIN))), Element::Int(-(1 << 52)));
    }
}
