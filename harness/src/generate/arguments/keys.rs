//! Keys for indexing, and values to assign.

use array_assay_interface::{Array, DType, Element, Slice};
use array_assay_oracle::call::{Call, Expectation, Given, broadcast_shapes, semantics};
use array_assay_spec::Values;

use super::{Draw, int};

impl Draw<'_, '_> {
    /// A key for the array `of`: a mask, arrays of integers, or an index for each axis.
    pub(super) fn key(&mut self, of: &str) -> Option<Given> {
        let shape = self.array_of(of)?.shape.clone();
        let takes_integers = !shape.is_empty() && !shape.contains(&0);
        // Arrays of rank zero have few other keys, so they get more masks.
        let weights = if shape.is_empty() { [4, 0, 4] } else { [2, 3 * usize::from(takes_integers), 9] };
        Some(match self.random.pick("key", &weights) {
            0 => self.mask(&shape),
            1 => self.integer_arrays(&shape),
            _ => self.basic_key(&shape),
        })
    }

    /// A mask for an array of this shape.
    fn mask(&mut self, shape: &[usize]) -> Given {
        let shape = self.mask_shape(shape);
        let count = shape.iter().product();
        let mask: Vec<Element> = (0..count).map(|_| Element::Bool(self.random.below(2) == 0)).collect();
        Given::Array(Array::from_elements(DType::Bool, shape, mask))
    }

    /// An index for each axis, sometimes with new axes. An ellipsis may stand for some of the axes.
    fn basic_key(&mut self, shape: &[usize]) -> Given {
        if let ([n], true) = (shape, self.random.pick_yes("lone", 3)) {
            return self.index(*n);
        }
        let mut items: Vec<Given> = shape.iter().map(|n| self.index(*n)).collect();
        if self.random.pick_yes("no index", 8) {
            // Nothing but a new axis, in front or at the end.
            let mut items = vec![Given::None, Given::Ellipsis];
            items.rotate_left(self.random.below(2));
            return Given::Tuple(items);
        }
        if self.random.pick_yes("ellipsis", 2) {
            // The ellipsis replaces zero or more adjacent axes.
            let from = self.random.below(items.len() + 1);
            let to = from + self.random.below(items.len() - from + 1);
            items.splice(from..to, [Given::Ellipsis]);
        }
        let ellipsis = items.iter().position(|item| *item == Given::Ellipsis);
        match self.random.pick("new axis", &[6, 3, 3 * usize::from(ellipsis.is_some())]) {
            0 => {}
            1 => {
                while items.len() < 6 {
                    items.insert(self.random.below(items.len() + 1), Given::None);
                    if self.random.below(3) > 0 {
                        break;
                    }
                }
            }
            _ => items.insert(ellipsis.map_or(0, |at| at + 1), Given::None),
        }
        if items.len() == 1 && self.random.pick_yes("alone", 2) { items.remove(0) } else { Given::Tuple(items) }
    }

    /// The shape of a mask: that of the array. Sometimes the last axes are left out, and sometimes an axis has size zero instead.
    fn mask_shape(&mut self, shape: &[usize]) -> Vec<usize> {
        let covered = if self.random.pick_yes("fewer axes", 3) { 1 + self.random.below(shape.len().max(1)) } else { shape.len() };
        let mut shape = shape[..covered.min(shape.len())].to_vec();
        if !shape.is_empty() && self.random.pick_yes("empty mask", 4) {
            let at = self.random.below(shape.len());
            shape[at] = 0;
        }
        shape
    }

    /// An index of one axis of length `n`: an integer or a slice.
    pub(super) fn index(&mut self, n: usize) -> Given {
        let length = n as i64;
        if n > 0 && self.random.pick_yes("integer", 3) {
            return int(self.some_axis(n));
        }
        let step = match self.random.pick("step", &[2, 1, 1, 1, 2]) {
            0 => None,
            1 => Some(1),
            2 => Some(2 + self.random.below(2) as i64),
            3 => Some(-1),
            _ => Some(-2 - self.random.below(2) as i64),
        };
        let backwards = step.is_some_and(|step| step < 0);
        let (mut first, mut second) = (self.random.below(n + 1) as i64, self.random.below(n + 1) as i64);
        if (first > second) != backwards {
            std::mem::swap(&mut first, &mut second);
        }
        if backwards {
            first = (first - 1).max(0).min((length - 1).max(0));
            second = second.min(first);
        }
        // A slice that goes backwards has no start in an axis without elements.
        let legal = usize::from(!backwards || length > 0);
        let mut bound = |name, v: i64| match self.random.pick(name, &[2, usize::from(v < length), 2 * legal]) {
            0 => None,
            1 => Some(v - length),
            _ => Some(v),
        };
        let (start, stop) = (bound("start", first), bound("stop", second));
        Given::Slice(Slice { start, stop, step })
    }

    /// An array of integers for each axis; some of them may be single integers instead.
    pub(super) fn integer_arrays(&mut self, shape: &[usize]) -> Given {
        let mut common = self.shape((0, 2));
        let mut items: Vec<Given> = Vec::with_capacity(shape.len());
        for n in shape {
            let dtype = self.profile.defaults.index;
            let of_index = if self.random.below(3) == 0 && !items.is_empty() {
                let at = self.random.below(*n);
                int(self.either_end(at, *n))
            } else {
                let shape = self.broadcastable_beside(&common);
                common = broadcast_shapes([&common[..], &shape]).unwrap_or(common);
                let count = shape.iter().product();
                let indices: Vec<Element> = (0..count)
                    .map(|_| {
                        let at = self.random.below(*n);
                        Element::Int(self.either_end(at, *n).into())
                    })
                    .collect();
                Given::Array(Array::from_elements(dtype, shape, indices))
            };
            items.push(of_index);
        }
        if items.len() == 1 && self.random.below(2) == 0 { items.remove(0) } else { Given::Tuple(items) }
    }

    /// A value to assign: a Python scalar, or an array of the same dtype that broadcasts to the selected elements.
    pub(super) fn assigned(&mut self, of: &str, key: &str) -> Option<Given> {
        let array = self.array_of(of)?.clone();
        if self.random.pick_yes("scalar", 3) {
            return Some(Given::Scalar(self.exact_number(array.dtype)));
        }
        let given = [("self", Given::Array(array.clone())), ("key", self.find(key)?.clone())];
        let call = Call { given: &given, dtype: Some(array.dtype), defaults: self.profile.defaults };
        let Ok(Expectation::Array(selected)) = semantics("operator.getitem")?(&call) else { return None };
        let shape = self.broadcastable(&selected.shape);
        Some(Given::Array(self.array(array.dtype, shape, Values::Any, None, None)?))
    }
}
