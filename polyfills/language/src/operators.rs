//! The operators of the language: their notation, and the operators of arrays that they stand for.

/// A unary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Negate,
    Plus,
    Not,
    Invert,
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
    MatMul,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl BinaryOp {
    /// The operator in Python notation.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::FloorDivide => "//",
            BinaryOp::Remainder => "%",
            BinaryOp::Power => "**",
            BinaryOp::MatMul => "@",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
            BinaryOp::ShiftLeft => "<<",
            BinaryOp::ShiftRight => ">>",
        }
    }

    /// The path of the operator of arrays.
    pub fn path(self) -> &'static str {
        match self {
            BinaryOp::Add => "operator.add",
            BinaryOp::Subtract => "operator.sub",
            BinaryOp::Multiply => "operator.mul",
            BinaryOp::Divide => "operator.truediv",
            BinaryOp::FloorDivide => "operator.floordiv",
            BinaryOp::Remainder => "operator.mod",
            BinaryOp::Power => "operator.pow",
            BinaryOp::MatMul => "operator.matmul",
            BinaryOp::BitAnd => "operator.and_",
            BinaryOp::BitOr => "operator.or_",
            BinaryOp::BitXor => "operator.xor",
            BinaryOp::ShiftLeft => "operator.lshift",
            BinaryOp::ShiftRight => "operator.rshift",
        }
    }

    /// How tightly it binds.
    pub fn strength(self) -> u8 {
        match self {
            BinaryOp::BitOr => 5,
            BinaryOp::BitXor => 6,
            BinaryOp::BitAnd => 7,
            BinaryOp::ShiftLeft | BinaryOp::ShiftRight => 8,
            BinaryOp::Add | BinaryOp::Subtract => 9,
            BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::FloorDivide | BinaryOp::Remainder | BinaryOp::MatMul => 10,
            BinaryOp::Power => 12,
        }
    }
}

impl UnaryOp {
    /// The path of the operator of arrays.
    pub fn path(self) -> Option<&'static str> {
        match self {
            UnaryOp::Negate => Some("operator.neg"),
            UnaryOp::Plus => Some("operator.pos"),
            UnaryOp::Invert => Some("operator.invert"),
            UnaryOp::Not => None,
        }
    }
}

impl CompareOp {
    /// The path of the operator of arrays.
    pub fn path(self) -> &'static str {
        match self {
            CompareOp::Equal => "operator.eq",
            CompareOp::NotEqual => "operator.ne",
            CompareOp::Less => "operator.lt",
            CompareOp::LessEqual => "operator.le",
            CompareOp::Greater => "operator.gt",
            CompareOp::GreaterEqual => "operator.ge",
        }
    }

    /// The operator in Python notation.
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Equal => "==",
            CompareOp::NotEqual => "!=",
            CompareOp::Less => "<",
            CompareOp::LessEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterEqual => ">=",
        }
    }
}
