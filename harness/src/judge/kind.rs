//! Kinds of deviation: a few words on how a result differs from the right one. They are the same for every seed and machine, so a baseline
//! can name them and tell two faults of one check apart.

use std::borrow::Cow;
use std::collections::BTreeSet;

use array_assay_interface::{DType, Element, Outcome, Scalar, Value};

use crate::elements::agree;
use crate::observed::Observed;

/// A kind of deviation, such as `NaN for a number` or `TypeError`.
pub type Kind = Cow<'static, str>;

/// The kinds of one deviating case.
pub type Kinds = BTreeSet<Kind>;

/// The number of wrong elements of a case that are classified. More would not tell anything new.
pub const CLASSIFIED: usize = 32;

/// The kind of an element that its dtype cannot hold.
pub const UNFIT: &str = "element beyond its dtype";

const WRONG_NUMBER: &str = "wrong number";
const QUARTER: &str = "up to a quarter of the digits";
const HALF: &str = "up to half of the digits";

/// Pairs of kinds that one fault may cause: the usual kind, and one that occurs now and then instead.
const LESSER: [(&str, &str); 4] = [(WRONG_NUMBER, "one off"), (WRONG_NUMBER, "sign"), (WRONG_NUMBER, "zero for a number"), (HALF, QUARTER)];

/// Whether an entry for the kind `known` also covers the kind `found`: the same kind, or one that the same fault may cause now and then.
/// For example, a wrong number may happen to be zero.
pub fn includes(known: &str, found: &str) -> bool {
    let (field, kind) = found.rsplit_once(": ").map_or(("", found), |(field, kind)| (field, kind));
    let (known_field, known_kind) = known.rsplit_once(": ").map_or(("", known), |(field, kind)| (field, kind));
    known == found || field == known_field && LESSER.contains(&(known_kind, kind))
}

/// A set of one kind.
pub fn one(kind: impl Into<Kind>) -> Kinds {
    Kinds::from([kind.into()])
}

/// How an element differs from the right one.
pub fn of_element(want: Element, got: Element) -> Kinds {
    if want.same_bits(got) {
        // The element is right for the function, but the clause asks for another one.
        return one("another result");
    }
    let words: Vec<&'static str> = match (want, got) {
        (Element::Bool(_), Element::Bool(got)) => vec![if got { "True for False" } else { "False for True" }],
        (Element::Int(want), Element::Int(got)) => vec![of_integer(want, got)],
        (Element::F32(want), Element::F32(got)) => vec![of_float(want.into(), got.into(), beside32(want, got))],
        (Element::F64(want), Element::F64(got)) => vec![of_float(want, got, beside64(want, got))],
        (Element::C64(re, im), Element::C64(got_re, got_im)) => {
            of_components([(re, got_re), (im, got_im)].map(|(want, got)| (want.into(), got.into(), beside32(want, got))))
        }
        (Element::C128(re, im), Element::C128(got_re, got_im)) => {
            of_components([(re, got_re), (im, got_im)].map(|(want, got)| (want, got, beside64(want, got))))
        }
        _ => vec![WRONG_NUMBER],
    };
    words.into_iter().map(Kind::Borrowed).collect()
}

/// How an integer differs from the right one.
fn of_integer(want: i128, got: i128) -> &'static str {
    match got {
        got if got.checked_sub(want).is_some_and(|d| d.abs() == 1) => "one off",
        0 => "zero for a number",
        got if want.checked_neg() == Some(got) => "sign",
        _ => WRONG_NUMBER,
    }
}

/// How a real number differs from the right one. `beside` says whether both are adjacent numbers of their dtype.
fn of_float(want: f64, got: f64, beside: bool) -> &'static str {
    if want.is_nan() {
        return match got {
            got if got.is_nan() => "sign of NaN",
            got if got.is_infinite() => "infinity for NaN",
            _ => "number for NaN",
        };
    }
    if got.is_nan() {
        return if want.is_infinite() { "NaN for infinity" } else { "NaN for a number" };
    }
    match (want.is_infinite(), got.is_infinite()) {
        (true, true) => "sign of infinity",
        (true, false) => "number for infinity",
        (false, true) => "infinity for a number",
        (false, false) if want == 0.0 && got == 0.0 => "sign of zero",
        (false, false) if beside || (got - want).abs() == 1.0 => "one off",
        (false, false) if got == 0.0 => "zero for a number",
        (false, false) if got == -want => "sign",
        (false, false) => WRONG_NUMBER,
    }
}

/// How the components of a complex number differ. If one is infinite, NaN or has the wrong sign, the digits of the other do not count.
fn of_components(parts: [(f64, f64, bool); 2]) -> Vec<&'static str> {
    let differ = parts.into_iter().filter(|(want, got, _)| !agree(Element::F64(*want), Element::F64(*got), false));
    let mut words: Vec<&'static str> = differ.map(|(want, got, beside)| of_float(want, got, beside)).collect();
    let digits = |word: &&str| [WRONG_NUMBER, "one off"].contains(word);
    if words.iter().any(|word| !digits(word)) {
        words.retain(|word| !digits(word));
    }
    if words.is_empty() { vec![WRONG_NUMBER] } else { words }
}

/// Whether two finite numbers are adjacent.
fn beside32(a: f32, b: f32) -> bool {
    a.is_finite() && b.is_finite() && (a.next_up() == b || a.next_down() == b)
}

/// Whether two finite numbers are adjacent.
fn beside64(a: f64, b: f64) -> bool {
    a.is_finite() && b.is_finite() && (a.next_up() == b || a.next_down() == b)
}

/// How inaccurate a result is, by its error in ULP.
pub fn of_error(error: f64, dtype: DType) -> Kind {
    of_excess(error, 2f64.powi(dtype.precision() / 2))
}

/// How inaccurate a result is, by its error as a multiple of the allowed error. At `half`, half of the digits are wrong.
pub fn of_excess(excess: f64, half: f64) -> Kind {
    Kind::Borrowed(match excess {
        excess if !excess.is_finite() => "no digit",
        excess if excess <= half.sqrt() => QUARTER,
        _ => HALF,
    })
}

/// How a shape differs from the right one.
pub fn of_shape(want: &[usize], got: &[usize]) -> Kind {
    Kind::Borrowed(match got.len().cmp(&want.len()) {
        std::cmp::Ordering::Less => "fewer axes",
        std::cmp::Ordering::Greater => "more axes",
        std::cmp::Ordering::Equal => "other sizes",
    })
}

/// The type of a value.
pub fn of_value(value: &Value) -> Kind {
    Kind::Borrowed(match value {
        Value::Array(_) | Value::Unfit(_) => "an array",
        Value::ArrayScalar { type_name, .. } => return Kind::Owned(type_name.clone()),
        Value::Scalar(Scalar::Bool(_)) => "a Python bool",
        Value::Scalar(Scalar::Int(_)) => "a Python int",
        Value::Scalar(Scalar::Float(_)) => "a Python float",
        Value::Scalar(Scalar::Complex(_)) => "a Python complex",
        Value::Dtype(_) => "a dtype",
        Value::Device(_) => "a device",
        Value::Tuple(_) => "a tuple",
        Value::List(_) => "a list",
        Value::NamedTuple(_) => "a named tuple",
        Value::Dict(_) => "a mapping",
        Value::Str(_) => "a string",
        Value::None => "None",
        Value::Opaque(_) => "another object",
    })
}

/// Why a call gave no result: the type of the exception, the missing name or the signal.
pub fn of_fault(observed: &Observed) -> Kinds {
    match observed {
        Observed::Outcome(Outcome::Raised { exception, .. }) => one(exception.type_name.clone()),
        Observed::Outcome(Outcome::Missing { name, .. }) => one(name.clone()),
        Observed::Outcome(Outcome::Unsupported { capability, .. }) => one(format!("unsupported: {capability}")),
        Observed::Crashed(how) => one(signal(how).to_owned()),
        _ => Kinds::new(),
    }
}

/// The name of the signal that ended a process, in the system's words on its first line: `signal: 11 (SIGSEGV)`.
fn signal(how: &str) -> &str {
    let first = how.lines().next().unwrap_or_default();
    first.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| word.starts_with("SIG")).unwrap_or("exit")
}

/// The kinds of a part of a value, with the name of its field in front. The index of an item in a tuple or list is left out, because there
/// may be any number of items.
pub fn in_part(place: &str, kinds: Kinds) -> Kinds {
    let field: String = place.split_inclusive(": ").filter(|part| !part.starts_with("item ")).collect();
    if field.is_empty() { kinds } else { kinds.into_iter().map(|kind| Kind::Owned(format!("{field}{kind}"))).collect() }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn words(want: Element, got: Element) -> String {
        of_element(want, got).into_iter().collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_kind_names_what_came_and_what_was_expected() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        for (want, got, expected) in [
            (1.0, nan, "NaN for a number"),
            (1.0, inf, "infinity for a number"),
            (nan, 1.0, "number for NaN"),
            (nan, inf, "infinity for NaN"),
            (nan, -nan, "sign of NaN"),
            (inf, nan, "NaN for infinity"),
            (inf, -inf, "sign of infinity"),
            (inf, 1.0, "number for infinity"),
            (0.0, -0.0, "sign of zero"),
            (3.5, 0.0, "zero for a number"),
            (3.5, -3.5, "sign"),
            (16777214.0, 16777213.0, "one off"),
            (0.1, 0.1f64.next_up(), "one off"),
            (0.1, 0.2, "wrong number"),
        ] {
            assert_eq!(words(Element::F64(want), Element::F64(got)), expected, "{got} for {want}");
        }
        assert_eq!(words(Element::Int(7), Element::Int(6)), "one off");
        assert_eq!(words(Element::Int(7), Element::Int(-7)), "sign");
        assert_eq!(words(Element::Int(i128::MIN), Element::Int(i128::MAX)), "wrong number");
        assert_eq!(words(Element::Bool(false), Element::Bool(true)), "True for False");
    }

    #[test]
    fn only_the_components_that_differ_count() {
        let of = |want: (f64, f64), got: (f64, f64)| words(Element::C128(want.0, want.1), Element::C128(got.0, got.1));
        assert_eq!(of((1.0, 2.0), (1.0, f64::NAN)), "NaN for a number");
        assert_eq!(of((1.0, 2.0), (5.0, f64::NAN)), "NaN for a number");
        assert_eq!(of((f64::INFINITY, 0.0), (f64::NAN, -0.0)), "NaN for infinity, sign of zero");
        assert_eq!(of((1.0, 2.0), (5.0, 7.0)), "wrong number");
    }

    #[test]
    fn an_entry_covers_only_the_kinds_that_the_same_fault_may_cause() {
        assert!(includes("wrong number", "zero for a number") && includes("wrong number", "wrong number"));
        assert!(includes("values: wrong number", "values: one off"));
        assert!(!includes("one off", "wrong number") && !includes("wrong number", "NaN for a number"));
        assert!(!includes("wrong number", "values: one off") && !includes("counts: wrong number", "values: one off"));
    }

    #[test]
    fn the_signal_that_ends_a_process_is_named() {
        let of = |how: &str| of_fault(&Observed::Crashed(how.to_owned())).into_iter().collect::<Vec<_>>().join(", ");
        assert_eq!(of("signal: 6 (SIGABRT) (core dumped)\nassertion failed in SIGNAL"), "SIGABRT");
        assert_eq!(of("exit status: 1\nTraceback"), "exit");
    }

    #[test]
    fn fields_are_named_and_items_are_not() {
        assert_eq!(in_part("", one("one off")), one("one off"));
        assert_eq!(in_part("item 3: ", one("one off")), one("one off"));
        assert_eq!(in_part("item 3: values: ", one("one off")), one("values: one off"));
    }
}
