//! Operators on scalars, strings, tuples and lists.

use std::cmp::Ordering;

use array_assay_interface::{Record, Scalar, Tree};

use crate::evaluator::Refused;
use crate::operators::{BinaryOp, CompareOp, UnaryOp};

/// A unary operator of a scalar; `None` if it does not take the scalar. `not` is no such operator: it takes any value.
pub fn unary(op: UnaryOp, x: Scalar) -> Option<Scalar> {
    Some(match (op, x) {
        (UnaryOp::Plus, Scalar::Bool(v)) => Scalar::Int(v.into()),
        (UnaryOp::Plus, x) => x,
        (UnaryOp::Negate, Scalar::Bool(v)) => Scalar::Int(-i128::from(v)),
        (UnaryOp::Negate, Scalar::Int(v)) => Scalar::Int(v.checked_neg()?),
        (UnaryOp::Negate, Scalar::Float(v)) => Scalar::Float(-v),
        (UnaryOp::Negate, Scalar::Complex((re, im))) => Scalar::Complex((-re, -im)),
        (UnaryOp::Invert, Scalar::Int(v)) => Scalar::Int(!v),
        _ => return None,
    })
}

/// A binary operator of scalars, strings, tuples and lists; `None` if it does not take them.
pub fn binary<L: Clone>(op: BinaryOp, x: &Tree<L, Record>, y: &Tree<L, Record>) -> Option<Tree<L, Record>> {
    match (op, x, y) {
        (BinaryOp::Add, Tree::Tuple(a), Tree::Tuple(b)) => return Some(Tree::Tuple([a.as_slice(), b].concat())),
        (BinaryOp::Add, Tree::List(a), Tree::List(b)) => return Some(Tree::List([a.as_slice(), b].concat())),
        (BinaryOp::Add, Tree::Str(a), Tree::Str(b)) => return Some(Tree::Str(format!("{a}{b}"))),
        (BinaryOp::Multiply, Tree::Tuple(a), n) | (BinaryOp::Multiply, n, Tree::Tuple(a)) => return repeated(a, n).map(Tree::Tuple),
        (BinaryOp::Multiply, Tree::List(a), n) | (BinaryOp::Multiply, n, Tree::List(a)) => return repeated(a, n).map(Tree::List),
        _ => {}
    }
    match (x.integer(), y.integer()) {
        (Some(a), Some(b)) => integers(op, a, b),
        _ => numbers(op, x.scalar()?, y.scalar()?),
    }
    .map(Tree::Scalar)
}

fn repeated<L: Clone>(items: &[Tree<L, Record>], times: &Tree<L, Record>) -> Option<Vec<Tree<L, Record>>> {
    let times = usize::try_from(times.integer()?.max(0)).ok()?;
    Some(std::iter::repeat_n(items, times).flatten().cloned().collect())
}

fn integers(op: BinaryOp, a: i128, b: i128) -> Option<Scalar> {
    let floor = || Some(a.checked_div_euclid(b)? - i128::from(b < 0 && a.rem_euclid(b) != 0));
    match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::FloorDivide => floor(),
        BinaryOp::Remainder => floor().map(|q| a - b * q),
        BinaryOp::Power if b >= 0 => a.checked_pow(u32::try_from(b).ok()?),
        BinaryOp::BitAnd => Some(a & b),
        BinaryOp::BitOr => Some(a | b),
        BinaryOp::BitXor => Some(a ^ b),
        BinaryOp::ShiftLeft => a.checked_shl(u32::try_from(b).ok()?),
        BinaryOp::ShiftRight => a.checked_shr(u32::try_from(b).ok()?),
        BinaryOp::Divide if b != 0 => return Some(Scalar::Float(a as f64 / b as f64)),
        _ => None,
    }
    .map(Scalar::Int)
}

fn numbers(op: BinaryOp, x: Scalar, y: Scalar) -> Option<Scalar> {
    let ((a, ai), (b, bi)) = (x.element().components(), y.element().components());
    if matches!(x, Scalar::Complex(_)) || matches!(y, Scalar::Complex(_)) {
        return Some(Scalar::Complex(match op {
            BinaryOp::Add => (a + b, ai + bi),
            BinaryOp::Subtract => (a - b, ai - bi),
            BinaryOp::Multiply => (a * b - ai * bi, a * bi + ai * b),
            _ => return None,
        }));
    }
    Some(Scalar::Float(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide if b != 0.0 => a / b,
        BinaryOp::Power => a.powf(b),
        BinaryOp::FloorDivide if b != 0.0 => (a / b).floor(),
        _ => return None,
    }))
}

/// Whether two values are equal; `None` if that depends on what the library holds.
pub fn equal<L>(x: &Tree<L, Record>, y: &Tree<L, Record>) -> Option<bool> {
    if let (Some(a), Some(b)) = (x.items(), y.items()) {
        return if a.len() == b.len() { all_equal(a.iter().zip(b)) } else { Some(false) };
    }
    Some(match (x, y) {
        (Tree::Array(_), _) | (_, Tree::Array(_)) => return None,
        (Tree::Scalar(a), Tree::Scalar(b)) => match (x.integer(), y.integer()) {
            (Some(a), Some(b)) => a == b,
            _ => a.element().components() == b.element().components(),
        },
        (Tree::Str(a), Tree::Str(b)) | (Tree::Device(a), Tree::Device(b)) => a == b,
        (Tree::Dtype(a), Tree::Dtype(b)) => a == b,
        (Tree::Slice(a), Tree::Slice(b)) => a == b,
        (Tree::None, Tree::None) | (Tree::Ellipsis, Tree::Ellipsis) => true,
        (Tree::Fields(p, a), Tree::Fields(q, b)) => {
            let alike = p == q && a.iter().map(|(name, _)| name).eq(b.iter().map(|(name, _)| name));
            return if alike { all_equal(a.iter().map(|(_, x)| x).zip(b.iter().map(|(_, y)| y))) } else { Some(false) };
        }
        _ => false,
    })
}

/// Whether all pairs are equal. A pair that differs decides it, even if others are not known.
fn all_equal<'a, L: 'a>(pairs: impl Iterator<Item = (&'a Tree<L, Record>, &'a Tree<L, Record>)>) -> Option<bool> {
    decided(false, pairs.map(|(x, y)| equal(x, y)))
}

/// The one outcome if any has it, else the other if all are known.
fn decided(one: bool, outcomes: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for outcome in outcomes {
        match outcome {
            Some(outcome) if outcome == one => return Some(one),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(!one)
}

/// Whether a value is one of several; `None` if that depends on what the library holds.
pub fn contains<L>(items: &[Tree<L, Record>], item: &Tree<L, Record>) -> Option<bool> {
    decided(true, items.iter().map(|other| equal(item, other)))
}

/// A comparison; `None` if the values have no order, or if it depends on what the library holds.
pub fn compare<L>(op: CompareOp, x: &Tree<L, Record>, y: &Tree<L, Record>) -> Option<bool> {
    let ordered = |holds: fn(Ordering) -> bool| {
        let ordering = match (x.integer(), y.integer()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => x.scalar()?.element().components().0.partial_cmp(&y.scalar()?.element().components().0),
        };
        Some(ordering.is_some_and(holds))
    };
    match op {
        CompareOp::Equal => equal(x, y),
        CompareOp::NotEqual => equal(x, y).map(|equal| !equal),
        CompareOp::Less => ordered(Ordering::is_lt),
        CompareOp::LessEqual => ordered(Ordering::is_le),
        CompareOp::Greater => ordered(Ordering::is_gt),
        CompareOp::GreaterEqual => ordered(Ordering::is_ge),
    }
}

/// An item of a tuple or list, a character of a string, or a slice of them.
pub fn item<L: Clone>(of: &Tree<L, Record>, key: &Tree<L, Record>) -> Result<Tree<L, Record>, Refused> {
    match of {
        Tree::Str(text) => {
            let letters: Vec<char> = text.chars().collect();
            Ok(Tree::Str(match place(key, letters.len())? {
                Place::One(i) => letters[i].to_string(),
                Place::Several(places) => places.into_iter().map(|i| letters[i]).collect(),
            }))
        }
        Tree::Tuple(items) | Tree::List(items) => Ok(match place(key, items.len())? {
            Place::One(i) => items[i].clone(),
            Place::Several(places) => Tree::Tuple(places.into_iter().map(|i| items[i].clone()).collect()),
        }),
        other => Err(Refused::Kind(format!("{} is not indexed", other.kind_with(|_| "an array")))),
    }
}

enum Place {
    One(usize),
    Several(Vec<usize>),
}

/// What a key selects from `n` items.
fn place<L>(key: &Tree<L, Record>, n: usize) -> Result<Place, Refused> {
    let raises = |exception, message: &str| Refused::Raises { exception, message: message.to_owned() };
    if let Tree::Slice(slice) = key {
        let places = slice.indices(n).ok_or_else(|| raises("ValueError", "the step of a slice is 0"))?;
        return Ok(Place::Several(places.collect()));
    }
    let index = key.integer().ok_or_else(|| Refused::Kind(format!("{} is no index of an item", key.kind_with(|_| "an array"))))?;
    let found = normalized(index, n).map_err(|_| raises("IndexError", &format!("there is no item {index} of {n}")))?;
    Ok(Place::One(found))
}

/// An axis counted from the front.
pub fn normalized(axis: i128, rank: usize) -> Result<usize, String> {
    let from_front = if axis < 0 { axis.saturating_add(rank as i128) } else { axis };
    let within = usize::try_from(from_front).ok().filter(|axis| *axis < rank);
    within.ok_or_else(|| format!("axis {axis} is out of bounds for rank {rank}"))
}

#[cfg(test)]
mod tests {
    use array_assay_interface::Slice;

    use super::*;

    type Value = Tree<u32, Record>;

    #[test]
    fn integers_compute_as_in_python() {
        let of = |op, a, b| binary(op, &Value::int(a), &Value::int(b));
        for (a, b, quotient, remainder) in [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, -3, -2, 0)] {
            assert_eq!(of(BinaryOp::FloorDivide, a, b), Some(Value::int(quotient)), "{a} // {b}");
            assert_eq!(of(BinaryOp::Remainder, a, b), Some(Value::int(remainder)), "{a} % {b}");
        }
        assert_eq!((of(BinaryOp::FloorDivide, 1, 0), of(BinaryOp::Remainder, 1, 0), of(BinaryOp::Divide, 1, 0)), (None, None, None));
        assert_eq!((of(BinaryOp::Divide, 1, 2), of(BinaryOp::Multiply, i128::MAX, 2)), (Some(Value::from(0.5)), None));
        assert_eq!(unary(UnaryOp::Negate, Scalar::Bool(true)), Some(Scalar::Int(-1)));
        assert_eq!(unary(UnaryOp::Negate, Scalar::Int(i128::MIN)), None);
    }

    #[test]
    fn a_complex_number_stays_complex() {
        let (one, unit) = (Value::Scalar(Scalar::Complex((1.0, 0.0))), Value::Scalar(Scalar::Complex((0.0, 1.0))));
        assert_eq!(binary(BinaryOp::Add, &one, &Value::int(1)), Some(Value::Scalar(Scalar::Complex((2.0, 0.0)))));
        assert_eq!(binary(BinaryOp::Multiply, &unit, &unit), Some(Value::Scalar(Scalar::Complex((-1.0, 0.0)))));
    }

    #[test]
    fn tuples_and_lists_are_joined_and_repeated() {
        let (tuple, list) = (Value::ints([1, 2]), Value::List(vec![Value::int(1)]));
        assert_eq!(binary(BinaryOp::Add, &tuple, &Value::ints([3])), Some(Value::ints([1, 2, 3])));
        assert_eq!(binary(BinaryOp::Multiply, &Value::int(2), &tuple), Some(Value::ints([1, 2, 1, 2])));
        assert_eq!(binary(BinaryOp::Multiply, &Value::int(2), &list), binary(BinaryOp::Multiply, &list, &Value::int(2)));
        assert_eq!(binary(BinaryOp::Add, &tuple, &list), None);
    }

    #[test]
    fn what_the_library_holds_leaves_equality_open_unless_another_item_decides_it() {
        let (array, pair) = (Value::Array(0), |x: Value, n| Value::Tuple(vec![x, Value::int(n)]));
        assert_eq!(equal(&array, &array), None);
        assert_eq!(equal(&pair(array.clone(), 1), &pair(array.clone(), 1)), None);
        assert_eq!(equal(&pair(array.clone(), 1), &pair(array.clone(), 2)), Some(false));
        assert_eq!((contains(&[array.clone(), 1.into()], &1.into()), contains(&[array, 2.into()], &1.into())), (Some(true), None));
        assert_eq!(equal(&Value::from(1.0), &Value::int(1)), Some(true));
        assert_eq!(compare(CompareOp::Less, &Value::from("a"), &Value::from("b")), None);
        assert_eq!(compare(CompareOp::GreaterEqual, &Value::from(f64::NAN), &Value::int(1)), Some(false));
    }

    #[test]
    fn items_and_characters_are_found_from_both_ends() {
        let backwards = Value::Slice(Slice { start: None, stop: None, step: Some(-1) });
        assert_eq!(item(&Value::ints([4, 5, 6]), &Value::int(-1)), Ok(Value::int(6)));
        assert_eq!(item(&Value::ints([4, 5, 6]), &backwards), Ok(Value::ints([6, 5, 4])));
        assert_eq!(item(&Value::from("abc"), &backwards), Ok(Value::from("cba")));
        assert_eq!(item(&Value::from("abc"), &Value::int(1)), Ok(Value::from("b")));
        let missing = Refused::Raises { exception: "IndexError", message: "there is no item 3 of 3".to_owned() };
        assert_eq!(item(&Value::ints([4, 5, 6]), &Value::int(3)), Err(missing));
        assert!(matches!(item(&Value::None, &Value::int(0)), Err(Refused::Kind(_))));
    }
}
