//! The functions of the standard that the crate has, by path.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::function::Function;
use crate::{creation, elementwise, indexing, linear_algebra, manipulation, reduction};

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let rooms = [
        elementwise::functions(),
        creation::functions(),
        manipulation::functions(),
        reduction::functions(),
        indexing::functions(),
        linear_algebra::functions(),
    ];
    rooms.into_iter().flatten().map(|f| (f.name, f)).collect()
});

/// The operators and attributes that are functions of the namespace under another name.
const SAME: [(&str, &str); 14] = [
    ("operator.add", "add"),
    ("operator.sub", "subtract"),
    ("operator.mul", "multiply"),
    ("operator.truediv", "divide"),
    ("operator.mod", "remainder"),
    ("operator.and_", "bitwise_and"),
    ("operator.or_", "bitwise_or"),
    ("operator.xor", "bitwise_xor"),
    ("operator.lshift", "bitwise_left_shift"),
    ("operator.rshift", "bitwise_right_shift"),
    ("operator.neg", "negative"),
    ("operator.invert", "bitwise_invert"),
    ("operator.matmul", "matmul"),
    ("attribute.mT", "matrix_transpose"),
];

/// The function with that path in the standard, if the crate has it.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    let name = SAME.iter().find(|(path, _)| *path == name).map_or(name, |(_, function)| function);
    FUNCTIONS.get(name)
}
