//! Lists of forms: one for each element type of a set, or for each pair of element types.

/// One form for each element type of a set. `$T` stands for the type.
macro_rules! each {
    (all, $T:ident => $form:expr) => {
        each!([bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 (Complex<f32>) (Complex<f64>)], $T => $form)
    };
    (numbers, $T:ident => $form:expr) => {
        each!([i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 (Complex<f32>) (Complex<f64>)], $T => $form)
    };
    (reals, $T:ident => $form:expr) => { each!([i8 i16 i32 i64 u8 u16 u32 u64 f32 f64], $T => $form) };
    (ordered, $T:ident => $form:expr) => { each!([bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64], $T => $form) };
    (signed, $T:ident => $form:expr) => { each!([i8 i16 i32 i64 f32 f64 (Complex<f32>) (Complex<f64>)], $T => $form) };
    (bits, $T:ident => $form:expr) => { each!([bool i8 i16 i32 i64 u8 u16 u32 u64], $T => $form) };
    (integers, $T:ident => $form:expr) => { each!([i8 i16 i32 i64 u8 u16 u32 u64], $T => $form) };
    (inexact, $T:ident => $form:expr) => { each!([f32 f64 (Complex<f32>) (Complex<f64>)], $T => $form) };
    (floats, $T:ident => $form:expr) => { each!([f32 f64], $T => $form) };
    ([$($type:tt)*], $T:ident => $form:expr) => {
        vec![$({
            #[allow(unused_parens)]
            type $T = $type;
            $form
        }),*]
    };
}

/// One form for each pair of types of numbers of which the crate casts the first to the second.
macro_rules! casts {
    ($T:ident, $R:ident => $form:expr) => {{
        let mut forms = pairs!(reals, numbers, $T, $R => $form);
        forms.extend(pairs!([(Complex<f32>) (Complex<f64>)], [(Complex<f32>) (Complex<f64>)], $T, $R => $form));
        forms
    }};
}

/// One form for each pair of types that the standard promotes: integers with integers, but uint64 with unsigned ones alone; floats, real and
/// complex ones, with floats; booleans with booleans.
macro_rules! promoted {
    (integers, $A:ident, $B:ident => $form:expr) => {{
        let mut forms = pairs!([i8 i16 i32 i64 u8 u16 u32], [i8 i16 i32 i64 u8 u16 u32], $A, $B => $form);
        forms.extend(pairs!([u8 u16 u32 u64], [u64], $A, $B => $form));
        forms.extend(pairs!([u64], [u8 u16 u32], $A, $B => $form));
        forms
    }};
    (reals, $A:ident, $B:ident => $form:expr) => {{
        let mut forms = promoted!(integers, $A, $B => $form);
        forms.extend(pairs!(floats, floats, $A, $B => $form));
        forms
    }};
    (numbers, $A:ident, $B:ident => $form:expr) => {{
        let mut forms = promoted!(integers, $A, $B => $form);
        forms.extend(pairs!(inexact, inexact, $A, $B => $form));
        forms
    }};
    (bits, $A:ident, $B:ident => $form:expr) => {{
        let mut forms = promoted!(integers, $A, $B => $form);
        forms.extend(pairs!([bool], [bool], $A, $B => $form));
        forms
    }};
    (ordered, $A:ident, $B:ident => $form:expr) => {{
        let mut forms = promoted!(reals, $A, $B => $form);
        forms.extend(pairs!([bool], [bool], $A, $B => $form));
        forms
    }};
    (all, $A:ident, $B:ident => $form:expr) => {{
        let mut forms = promoted!(numbers, $A, $B => $form);
        forms.extend(pairs!([bool], [bool], $A, $B => $form));
        forms
    }};
}

/// One form for each pair of an element type of the first set and one of the second.
macro_rules! pairs {
    ($first:tt, $second:tt, $A:ident, $B:ident => $form:expr) => {
        each!($first, $A => each!($second, $B => $form)).into_iter().flatten().collect::<Vec<_>>()
    };
}
