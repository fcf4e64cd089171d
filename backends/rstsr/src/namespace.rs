//! The functions of the standard that the crate has, by path.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::function::Function;
use crate::operator::Operator;
use crate::{binary, creation, data_type, elementwise, indexing, linear_algebra, manipulation, operator, reduction, searching};

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let rooms = [
        elementwise::functions(),
        binary::functions(),
        operator::functions(),
        creation::functions(),
        data_type::functions(),
        manipulation::functions(),
        reduction::functions(),
        searching::functions(),
        indexing::functions(),
        linear_algebra::functions(),
    ];
    let mut functions: HashMap<_, _> = rooms.into_iter().flatten().map(|f| (f.name, f)).collect();
    for Operator { mut own, function } in operator::operators() {
        own.forms.extend(functions[function].forms.iter().cloned());
        functions.insert(own.name, own);
    }
    functions
});

/// The paths that are functions of the namespace under another name, by the crate's table of the standard.
const SAME: [(&str, &str); 17] = [
    ("operator.floordiv", "floor_divide"),
    ("operator.mod", "remainder"),
    ("operator.pow", "pow"),
    ("operator.pos", "positive"),
    ("operator.abs", "abs"),
    ("operator.invert", "bitwise_invert"),
    ("operator.lt", "less"),
    ("operator.le", "less_equal"),
    ("operator.gt", "greater"),
    ("operator.ge", "greater_equal"),
    ("operator.eq", "equal"),
    ("operator.ne", "not_equal"),
    ("attribute.mT", "matrix_transpose"),
    ("linalg.matmul", "matmul"),
    ("linalg.matrix_transpose", "matrix_transpose"),
    ("linalg.tensordot", "tensordot"),
    ("linalg.vecdot", "vecdot"),
];

/// The function with that path in the standard, if the crate has it.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    let name = SAME.iter().find(|(path, _)| *path == name).map_or(name, |(_, function)| function);
    FUNCTIONS.get(name)
}
