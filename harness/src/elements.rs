//! The comparison of elements, and subnormal numbers.

use array_assay_interface::Element;

/// Whether an element is equal to the wanted one. Payloads and signs of NaN do not matter, nor does the sign of zero with `free_zero`.
pub fn agree(want: Element, got: Element, free_zero: bool) -> bool {
    if want.same_bits(got) {
        return true;
    }
    let same = |a: f64, b: f64| a.is_nan() && b.is_nan() || a == b && (free_zero || a.is_sign_negative() == b.is_sign_negative());
    match (want, got) {
        (Element::Bool(_) | Element::Int(_), _) | (_, Element::Bool(_) | Element::Int(_)) => want == got,
        _ => {
            let ((a, b), (c, d)) = (want.components(), got.components());
            same(a, c) && same(b, d)
        }
    }
}

/// Whether some component is subnormal.
pub fn has_subnormal(x: Element) -> bool {
    match x {
        Element::F32(v) => v.is_subnormal(),
        Element::F64(v) => v.is_subnormal(),
        Element::C64(re, im) => re.is_subnormal() || im.is_subnormal(),
        Element::C128(re, im) => re.is_subnormal() || im.is_subnormal(),
        Element::Bool(_) | Element::Int(_) => false,
    }
}

/// The element with subnormal components replaced by zeros of the same sign.
pub fn flush(x: Element) -> Element {
    fn single(v: f32) -> f32 {
        if v.is_subnormal() { 0f32.copysign(v) } else { v }
    }
    fn double(v: f64) -> f64 {
        if v.is_subnormal() { 0f64.copysign(v) } else { v }
    }
    match x {
        Element::F32(v) => Element::F32(single(v)),
        Element::F64(v) => Element::F64(double(v)),
        Element::C64(re, im) => Element::C64(single(re), single(im)),
        Element::C128(re, im) => Element::C128(double(re), double(im)),
        other => other,
    }
}

/// The element with the signs of NaN flipped. `None` if there is no NaN.
pub fn with_other_nans(x: Element) -> Option<Element> {
    let other = |v: f64| if v.is_nan() { -v } else { v };
    let (re, im) = x.components();
    (re.is_nan() || im.is_nan()).then(|| match x {
        Element::F32(v) => Element::F32(-v),
        Element::F64(v) => Element::F64(-v),
        Element::C64(..) => Element::C64(other(re) as f32, other(im) as f32),
        _ => Element::C128(other(re), other(im)),
    })
}
