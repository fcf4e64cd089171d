//! The functions of the category `data_type`, and conversions that other categories share.

use array_assay_interface::{Array, DType, Element, Kind, Scalar};

use super::arguments::illegal;
use super::{ArrayExpectation, Call, Condition, Elements, Expectation, Given, Near, Table, Undefined};
use crate::promoted;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("astype", astype),
    ("can_cast", can_cast),
    ("finfo", finfo),
    ("iinfo", iinfo),
    ("isdtype", isdtype),
    ("result_type", result_type),
    ("bool", |_| Ok(Expectation::Dtype(DType::Bool))),
    ("int8", |_| Ok(Expectation::Dtype(DType::Int8))),
    ("int16", |_| Ok(Expectation::Dtype(DType::Int16))),
    ("int32", |_| Ok(Expectation::Dtype(DType::Int32))),
    ("int64", |_| Ok(Expectation::Dtype(DType::Int64))),
    ("uint8", |_| Ok(Expectation::Dtype(DType::Uint8))),
    ("uint16", |_| Ok(Expectation::Dtype(DType::Uint16))),
    ("uint32", |_| Ok(Expectation::Dtype(DType::Uint32))),
    ("uint64", |_| Ok(Expectation::Dtype(DType::Uint64))),
    ("float32", |_| Ok(Expectation::Dtype(DType::Float32))),
    ("float64", |_| Ok(Expectation::Dtype(DType::Float64))),
    ("complex64", |_| Ok(Expectation::Dtype(DType::Complex64))),
    ("complex128", |_| Ok(Expectation::Dtype(DType::Complex128))),
    ("operator.eq", equal),
];

/// Every cast except that of complex to real numbers, which the text does not want permitted.
fn astype(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, dtype) = (call.array("x")?, call.dtype_argument("dtype").ok_or_else(|| illegal("`dtype` is no dtype"))?);
    if x.dtype.is_complex() && !dtype.is_complex() && dtype != DType::Bool {
        return Err(Undefined::Open);
    }
    Ok(converted(x, dtype))
}

/// Whether the two dtypes promote to the second one. The standard leaves promotion across kinds open, and with it the result.
fn can_cast(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (from, to) = (dtype_of(call, "from_")?, dtype_of(call, "to")?);
    let common = promoted(from, to).ok_or(Undefined::Open)?;
    Ok(Expectation::Scalar(Scalar::Bool(common == to)))
}

fn finfo(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let dtype = dtype_of(call, "type")?.real();
    let [eps, max, normal] = match dtype {
        DType::Float32 => [f32::EPSILON, f32::MAX, f32::MIN_POSITIVE].map(f64::from),
        DType::Float64 => [f64::EPSILON, f64::MAX, f64::MIN_POSITIVE],
        _ => return Err(illegal(format!("{dtype} is no floating-point dtype"))),
    };
    let float = |v| Expectation::Scalar(Scalar::Float(v));
    Ok(Expectation::Object(vec![
        ("bits", Expectation::Scalar(Scalar::Int(8 * dtype.size() as i128))),
        ("eps", float(eps)),
        ("max", float(max)),
        ("min", float(-max)),
        ("smallest_normal", float(normal)),
        ("dtype", Expectation::Dtype(dtype)),
    ]))
}

fn iinfo(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let dtype = dtype_of(call, "type")?;
    let (min, max) = dtype.integer_range().ok_or_else(|| illegal(format!("{dtype} is no integer dtype")))?;
    let int = |v| Expectation::Scalar(Scalar::Int(v));
    Ok(Expectation::Object(vec![
        ("bits", int(8 * dtype.size() as i128)),
        ("max", int(max)),
        ("min", int(min)),
        ("dtype", Expectation::Dtype(dtype)),
    ]))
}

/// Whether two dtype objects stand for the same dtype.
fn equal(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let dtype = |name: &str| call.dtype_argument(name).ok_or_else(|| illegal(format!("`{name}` is no dtype")));
    Ok(Expectation::Scalar(Scalar::Bool(dtype("self")? == dtype("other")?)))
}

fn isdtype(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let dtype = call.dtype_argument("dtype").ok_or_else(|| illegal("`dtype` is no dtype"))?;
    let kinds = call.get("kind").ok_or_else(|| illegal("`kind` is missing"))?.parts();
    // Every item has to be legal, even after the one that decides.
    let each = kinds.iter().map(|kind| is_of_kind(dtype, kind)).collect::<Result<Vec<_>, _>>()?;
    Ok(Expectation::Scalar(Scalar::Bool(each.contains(&true))))
}

fn is_of_kind(dtype: DType, kind: &Given) -> Result<bool, Undefined> {
    match kind {
        Given::Dtype(other) => Ok(dtype == *other),
        Given::Str(name) => match name.as_str() {
            "bool" => Ok(dtype.kind() == Kind::Boolean),
            "signed integer" => Ok(dtype.kind() == Kind::SignedInteger),
            "unsigned integer" => Ok(dtype.kind() == Kind::UnsignedInteger),
            "integral" => Ok(dtype.is_integer()),
            "real floating" => Ok(dtype.kind() == Kind::RealFloating),
            "complex floating" => Ok(dtype.kind() == Kind::ComplexFloating),
            "numeric" => Ok(dtype.kind() != Kind::Boolean),
            other => Err(illegal(format!("`{other}` is no kind of dtypes"))),
        },
        _ => Err(illegal("`kind` holds neither a dtype nor a string")),
    }
}

/// The promotion of arrays and dtypes, followed by that with the Python scalars.
fn result_type(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let items = call.get("arrays_and_dtypes").and_then(Given::items).ok_or_else(|| illegal("no arguments"))?;
    let (mut dtypes, mut scalars) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Given::Array(array) => dtypes.push(array.dtype),
            Given::Dtype(dtype) => dtypes.push(*dtype),
            Given::Scalar(scalar) => scalars.push(*scalar),
            _ => return Err(illegal("an argument is no array, dtype or Python scalar")),
        }
    }
    let (first, rest) = dtypes.split_first().ok_or_else(|| illegal("neither an array nor a dtype"))?;
    let common = rest.iter().try_fold(*first, |common, dtype| promoted(common, *dtype)).ok_or(Undefined::Open)?;
    // A library may promote in any order, so a scalar may be combined with any of the dtypes.
    let fit = scalars.iter().all(|scalar| dtypes.iter().all(|dtype| goes_with(*scalar, *dtype)));
    if fit { Ok(Expectation::Dtype(common)) } else { Err(Undefined::Open) }
}

/// Whether a Python scalar has a type and value that keep the dtype when it is combined with an array of `dtype`.
///
/// A complex number with a real floating-point dtype gives a complex dtype since 2025.12. It was open before, so it counts as open.
fn goes_with(scalar: Scalar, dtype: DType) -> bool {
    let in_range = |v: f64| !v.is_finite() || v.abs() <= largest(dtype);
    match (scalar, dtype.kind()) {
        (Scalar::Bool(_), kind) => kind == Kind::Boolean,
        (Scalar::Int(v), Kind::SignedInteger | Kind::UnsignedInteger) => {
            dtype.integer_range().is_some_and(|(low, high)| low <= v && v <= high)
        }
        (Scalar::Int(v), Kind::RealFloating | Kind::ComplexFloating) => in_range(v as f64),
        (Scalar::Float(v), Kind::RealFloating | Kind::ComplexFloating) => in_range(v),
        (Scalar::Complex((re, im)), Kind::ComplexFloating) => in_range(re) && in_range(im),
        _ => false,
    }
}

/// The dtype of an argument, which is a dtype or an array.
fn dtype_of(call: &Call<'_>, name: &str) -> Result<DType, Undefined> {
    match call.get(name) {
        Some(Given::Dtype(dtype)) => Ok(*dtype),
        Some(Given::Array(array)) => Ok(array.dtype),
        _ => Err(illegal(format!("`{name}` is neither a dtype nor an array"))),
    }
}

/// A Python scalar as an element of `dtype`. `None` if the text leaves the conversion open: for a kind that it does not name, a value out
/// of range, or more digits than `dtype` has.
pub(super) fn held(scalar: Scalar, dtype: DType) -> Option<Element> {
    let element = scalar.element().cast(dtype);
    let holds = match (scalar, dtype.kind()) {
        (Scalar::Bool(_), kind) => kind == Kind::Boolean,
        (Scalar::Int(v), Kind::SignedInteger | Kind::UnsignedInteger) => element == Element::Int(v),
        (Scalar::Int(v), Kind::RealFloating | Kind::ComplexFloating) => is_exactly(v, element.components().0),
        (Scalar::Float(_), Kind::RealFloating | Kind::ComplexFloating) | (Scalar::Complex(_), Kind::ComplexFloating) => {
            same(scalar.element().components(), element.components())
        }
        _ => false,
    };
    holds.then_some(element)
}

/// The largest finite number of a floating-point dtype's components.
pub(super) fn largest(dtype: DType) -> f64 {
    if dtype.real() == DType::Float32 { f32::MAX as f64 } else { f64::MAX }
}

/// The smallest positive normal number of a floating-point dtype's components.
pub(super) fn smallest_normal(dtype: DType) -> f64 {
    if dtype.real() == DType::Float32 { f32::MIN_POSITIVE as f64 } else { f64::MIN_POSITIVE }
}

/// The unit roundoff of a floating-point dtype: the largest relative error of rounding to nearest.
pub(super) fn unit_roundoff(dtype: DType) -> f64 {
    (0.5f64).powi(dtype.precision())
}

/// Whether a float is exactly this integer.
fn is_exactly(v: i128, float: f64) -> bool {
    // Values of 2^127 and more saturate.
    float.abs() < 2f64.powi(126) && float as i128 == v
}

fn same(a: (f64, f64), b: (f64, f64)) -> bool {
    let equal = |x: f64, y: f64| x == y || x.is_nan() && y.is_nan();
    equal(a.0, b.0) && equal(a.1, b.1)
}

/// What the text says of one converted element. Beside each freedom stands the value that libraries give by convention.
enum Image {
    /// Exactly this value.
    Exact(Element),
    /// Either neighbour of a number that the dtype does not hold.
    Rounded(Near),
    /// An integer between two others, both included. The text does not say how fractions are rounded.
    Between(i128, i128, Element),
    /// Left open.
    Any(Element),
}

impl Image {
    fn example(&self) -> Element {
        match self {
            Image::Exact(element) | Image::Between(_, _, element) | Image::Any(element) => *element,
            Image::Rounded(near) => Element::C128(near.re, near.im),
        }
    }

    /// Whether any value is right.
    fn is_open(&self) -> bool {
        match self {
            Image::Any(_) => true,
            Image::Rounded(near) => near.bound.is_infinite() && near.re.is_finite() && near.im.is_finite(),
            Image::Exact(_) | Image::Between(..) => false,
        }
    }

    fn near(&self) -> Near {
        match self {
            Image::Rounded(near) => *near,
            other => {
                let (re, im) = other.example().components();
                Near { re, im, bound: 0.0 }
            }
        }
    }

    /// The smallest and the largest right integer. `None` if any is right.
    fn integers(&self) -> Option<(i128, i128)> {
        match self {
            Image::Exact(element) => Some((element.integer(), element.integer())),
            Image::Between(low, high, _) => Some((*low, *high)),
            Image::Rounded(_) | Image::Any(_) => None,
        }
    }
}

/// An array converted to `dtype`.
pub(super) fn converted(x: &Array, dtype: DType) -> Expectation {
    let images: Vec<Image> = x.elements().map(|element| image(element, dtype)).collect();
    let example = || images.iter().map(Image::example).collect::<Vec<_>>();
    let elements = if images.iter().all(|image| matches!(image, Image::Exact(_))) {
        // Only a cast between floats of one kind keeps the sign of a zero. Other casts create the zero.
        if x.dtype.kind() == dtype.kind() { Elements::Exact(example()) } else { Elements::EitherZero(example()) }
    } else if dtype.is_floating() {
        Elements::Near(images.iter().map(Image::near).collect())
    } else {
        Elements::Such(example(), each_between(images.iter().map(Image::integers).collect()))
    };
    // The text leaves infinities, NaN and numbers beyond the range of the dtype to the library.
    let open = images.iter().any(Image::is_open) && dtype != DType::Bool;
    Expectation::Array(ArrayExpectation { dtype, shape: x.shape.clone(), elements }).refusable(open)
}

fn image(x: Element, dtype: DType) -> Image {
    let to = x.cast(dtype);
    match dtype.kind() {
        Kind::Boolean if x.truth() && is_subnormal(x) => Image::Any(to),
        Kind::Boolean => Image::Exact(to),
        Kind::SignedInteger | Kind::UnsignedInteger => integer_image(x, dtype, to),
        Kind::RealFloating | Kind::ComplexFloating => floating_image(x, dtype, to),
    }
}

fn integer_image(x: Element, dtype: DType, to: Element) -> Image {
    let fits = |v: i128| dtype.integer_range().is_some_and(|(low, high)| low <= v && v <= high);
    let (low, high) = match x {
        Element::Bool(_) | Element::Int(_) => (x.integer(), x.integer()),
        float if !float.components().0.is_finite() => return Image::Any(to),
        float => (float.components().0.floor() as i128, float.components().0.ceil() as i128),
    };
    match (fits(low) && fits(high), low == high) {
        (false, _) => Image::Any(to),
        (true, true) => Image::Exact(Element::Int(low)),
        (true, false) => Image::Between(low, high, to),
    }
}

fn floating_image(x: Element, dtype: DType, to: Element) -> Image {
    let ((re, im), rounded) = (x.components(), to.components());
    let exact = match x {
        Element::Int(v) => is_exactly(v, rounded.0),
        _ => same((re, im), rounded),
    };
    if exact {
        return Image::Exact(to);
    }
    let overflows = |v: f64| v.abs() > largest(dtype);
    // Neighbours differ by at most twice the unit roundoff of the values between them; subnormal neighbours have a constant distance.
    let spacing = 2.0 * unit_roundoff(dtype) * (re.hypot(im) + smallest_normal(dtype));
    // If one component is infinite or NaN, no bound is possible, so the other component is not judged.
    let bound = if overflows(re) || overflows(im) || !spacing.is_finite() { f64::INFINITY } else { spacing };
    Image::Rounded(Near { re, im, bound })
}

/// Whether a library that flushes subnormal numbers to zero treats the number as zero.
fn is_subnormal(x: Element) -> bool {
    let vanishes = |v: f64, normal: f64| v.abs() < normal;
    match x {
        Element::Bool(_) | Element::Int(_) => false,
        Element::F32(_) | Element::C64(..) => {
            let (re, im) = x.components();
            vanishes(re, f32::MIN_POSITIVE as f64) && vanishes(im, f32::MIN_POSITIVE as f64)
        }
        Element::F64(_) | Element::C128(..) => {
            let (re, im) = x.components();
            vanishes(re, f64::MIN_POSITIVE) && vanishes(im, f64::MIN_POSITIVE)
        }
    }
}

/// Integers (or booleans) that each lie between two others, if these are given.
fn each_between(bounds: Vec<Option<(i128, i128)>>) -> Condition<Array> {
    Condition::new(move |array: &Array| {
        for (i, (element, bounds)) in array.elements().zip(&bounds).enumerate() {
            let Some((low, high)) = bounds else { continue };
            if !(*low..=*high).contains(&element.integer()) {
                let expected = if low == high { low.to_string() } else { format!("{low} to {high}") };
                return Err(format!("element {i} is {element}, expected {expected}"));
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use array_assay_interface::Defaults;

    fn run(semantics: super::super::Semantics, given: &[(&str, Given)]) -> Result<Expectation, Undefined> {
        semantics(&Call { given, dtype: None, defaults: Defaults::default() })
    }

    fn floats(dtype: DType, values: &[f64]) -> Array {
        Array::from_elements(dtype, vec![values.len()], values.iter().map(|v| Element::F64(*v)))
    }

    fn cast(x: Array, dtype: DType) -> ArrayExpectation {
        // A value that no integer holds may also be refused.
        match run(astype, &[("x", Given::Array(x)), ("dtype", Given::Dtype(dtype))]).map(Expectation::unless_refused) {
            Ok((Expectation::Array(array), _)) => array,
            other => panic!("{other:?}"),
        }
    }

    fn accepts(expected: &ArrayExpectation, values: &[i128]) -> bool {
        let got = Array::from_elements(expected.dtype, expected.shape.clone(), values.iter().map(|v| Element::Int(*v)));
        match &expected.elements {
            Elements::Such(_, condition) => condition.check(&got).is_ok(),
            Elements::Exact(elements) | Elements::EitherZero(elements) => got.elements().eq(elements.iter().copied()),
            _ => panic!("{expected:?}"),
        }
    }

    #[test]
    fn fractions_become_either_neighbour_and_what_no_integer_holds_anything() {
        let x = floats(DType::Float64, &[2.5, -2.5, 7.0, f64::NAN, f64::INFINITY, 128.0, -0.5]);
        let expected = cast(x.clone(), DType::Int8);
        assert!(accepts(&expected, &[2, -2, 7, 0, 0, 0, 0]), "truncated");
        assert!(accepts(&expected, &[3, -3, 7, 5, -1, 127, -1]), "rounded");
        assert!(!accepts(&expected, &[4, -2, 7, 0, 0, 0, 0]));
        assert!(!accepts(&expected, &[2, -2, 6, 0, 0, 0, 0]));
        let expected = cast(x, DType::Uint8);
        assert!(accepts(&expected, &[2, 254, 7, 0, 0, 128, 9]), "-0.5 may become -1, which does not fit");
        assert!(!accepts(&expected, &[2, 254, 7, 0, 0, 127, 0]));
    }

    #[test]
    fn truth_is_anything_but_zero() {
        let x = floats(DType::Float32, &[0.0, -0.0, f64::NAN, f64::INFINITY, -3.0, 0.25]);
        assert!(accepts(&cast(x, DType::Bool), &[0, 0, 1, 1, 1, 1]));
        let pairs = [(0.0, -0.0), (0.0, 1.0), (f64::NAN, 0.0)];
        let x = Array::from_elements(DType::Complex64, vec![3], pairs.map(|(re, im)| Element::C128(re, im)));
        assert!(accepts(&cast(x, DType::Bool), &[0, 1, 1]));
        let tiny = cast(floats(DType::Float32, &[1e-40, 1.0]), DType::Bool);
        assert!(accepts(&tiny, &[0, 1]) && accepts(&tiny, &[1, 1]) && !accepts(&tiny, &[1, 0]));
    }

    #[test]
    fn what_a_float_holds_is_exact_with_its_zeros_and_the_rest_lies_between_neighbours() {
        let exact = cast(floats(DType::Float64, &[-0.0, 1.5, f64::NEG_INFINITY]), DType::Float32);
        assert!(
            matches!(&exact.elements, Elements::Exact(e) if e[0].same_bits(Element::F32(-0.0)) && e[2] == Element::F32(f32::NEG_INFINITY))
        );
        let pair = Array::from_elements(DType::Complex128, vec![1], [Element::C128(f64::NAN, 0.1)]);
        assert!(matches!(cast(pair, DType::Complex64).elements, Elements::Near(near) if near[0].bound == f64::INFINITY));
        let Elements::Near(near) = cast(floats(DType::Float64, &[0.1, 1e300, f64::NAN]), DType::Float32).elements else { panic!() };
        assert!((0.1f32 as f64 - 0.1).abs() <= near[0].bound && near[0].bound < 1.3e-8);
        assert_eq!(near[1].bound, f64::INFINITY);
        assert!(near[2].re.is_nan());
        let big = Array::from_elements(DType::Int64, vec![2], [(1i128 << 53) + 1, 3].map(Element::Int));
        let Elements::Near(near) = cast(big, DType::Float64).elements else { panic!() };
        assert_eq!((near[0].re, near[0].bound >= 2.0, near[1].bound), (9007199254740992.0, true, 0.0));
        let one = cast(Array::from_elements(DType::Bool, vec![1], [Element::Bool(true)]), DType::Complex64);
        assert!(matches!(&one.elements, Elements::EitherZero(e) if e[0] == Element::C64(1.0, 0.0)));
    }

    #[test]
    fn complex_to_real_is_open() {
        let x = Array::from_elements(DType::Complex64, vec![1], [Element::C64(1.0, 0.0)]);
        for dtype in [DType::Float32, DType::Int8] {
            let given = [("x", Given::Array(x.clone())), ("dtype", Given::Dtype(dtype))];
            assert_eq!(run(astype, &given).err(), Some(Undefined::Open));
        }
    }

    #[test]
    fn casts_follow_promotion() {
        let answer = |from: Given, to| match run(can_cast, &[("from_", from), ("to", Given::Dtype(to))]) {
            Ok(Expectation::Scalar(Scalar::Bool(v))) => Some(v),
            _ => None,
        };
        assert_eq!(answer(Given::Dtype(DType::Uint8), DType::Int16), Some(true));
        assert_eq!(answer(Given::Dtype(DType::Int16), DType::Uint8), Some(false));
        assert_eq!(answer(Given::Array(floats(DType::Float32, &[1.0])), DType::Complex64), Some(true));
        assert_eq!(answer(Given::Dtype(DType::Float64), DType::Complex64), Some(false));
        assert_eq!(answer(Given::Dtype(DType::Complex64), DType::Float64), Some(false));
        assert_eq!(answer(Given::Dtype(DType::Int8), DType::Float64), None);
        assert_eq!(answer(Given::Dtype(DType::Uint64), DType::Int64), None);
    }

    #[test]
    fn limits_of_complex_dtypes_are_those_of_their_components() {
        let Ok(Expectation::Object(fields)) = run(finfo, &[("type", Given::Dtype(DType::Complex64))]) else { panic!() };
        let values: Vec<String> = fields.iter().map(|(name, e)| format!("{name} {}", e.example().expect("no object"))).collect();
        assert_eq!(values[0], "bits 32");
        let float = |i: usize| match fields[i].1 {
            Expectation::Scalar(Scalar::Float(v)) => v,
            _ => panic!(),
        };
        assert_eq!(
            [float(1), float(2), float(3), float(4)],
            [2f64.powi(-23), 3.4028234663852886e38, -3.4028234663852886e38, 2f64.powi(-126)]
        );
        assert!(matches!(fields[5].1, Expectation::Dtype(DType::Float32)));
        let Ok(Expectation::Object(fields)) = run(iinfo, &[("type", Given::Dtype(DType::Uint64))]) else { panic!() };
        assert!(matches!(fields[1].1, Expectation::Scalar(Scalar::Int(18446744073709551615))));
        assert!(matches!(run(iinfo, &[("type", Given::Dtype(DType::Bool))]), Err(Undefined::Illegal(_))));
    }

    #[test]
    fn kinds_are_unions() {
        let text = |s: &str| Given::Str(s.to_owned());
        let answer = |dtype, kind| match run(isdtype, &[("dtype", Given::Dtype(dtype)), ("kind", kind)]) {
            Ok(Expectation::Scalar(Scalar::Bool(v))) => v,
            other => panic!("{other:?}"),
        };
        assert!(answer(DType::Uint8, text("integral")) && !answer(DType::Uint8, text("signed integer")));
        assert!(!answer(DType::Bool, text("numeric")) && answer(DType::Complex64, text("numeric")));
        assert!(!answer(DType::Complex64, text("real floating")));
        assert!(answer(DType::Int8, Given::Tuple(vec![text("bool"), Given::Dtype(DType::Int8)])));
        assert!(!answer(DType::Int8, Given::Tuple(vec![text("bool"), Given::Dtype(DType::Int16)])));
        assert!(!answer(DType::Int8, Given::Tuple(vec![])));
    }

    #[test]
    fn scalars_give_way_to_dtypes() {
        let answer = |items: Vec<Given>| match run(result_type, &[("arrays_and_dtypes", Given::Tuple(items))]) {
            Ok(Expectation::Dtype(dtype)) => Ok(dtype),
            Ok(other) => panic!("{other:?}"),
            Err(undefined) => Err(undefined),
        };
        let (dtype, int) = (|d| Given::Dtype(d), |v| Given::Scalar(Scalar::Int(v)));
        assert_eq!(
            answer(vec![int(1), dtype(DType::Int8), Given::Array(Array::from_elements(DType::Uint8, vec![0], []))]),
            Ok(DType::Int16)
        );
        assert_eq!(answer(vec![dtype(DType::Float32), Given::Scalar(Scalar::Float(0.1)), int(7)]), Ok(DType::Float32));
        assert_eq!(answer(vec![dtype(DType::Uint8), int(256)]), Err(Undefined::Open));
        assert_eq!(answer(vec![dtype(DType::Int8), Given::Scalar(Scalar::Float(1.0))]), Err(Undefined::Open));
        assert_eq!(answer(vec![dtype(DType::Int8), dtype(DType::Bool)]), Err(Undefined::Open));
        assert!(matches!(answer(vec![int(1)]), Err(Undefined::Illegal(_))));
    }
}
