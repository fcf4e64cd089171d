pub const DEVIATING: &[&str] = &["acosh", "asinh", "atanh"];
