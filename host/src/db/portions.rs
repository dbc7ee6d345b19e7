//! Many rows in one statement, in portions of few different sizes.

/// Rows in portions of few different sizes, so that few different statements are prepared.
pub(super) fn portions<T>(mut rows: Vec<T>) -> Vec<Vec<T>> {
    let mut portions = Vec::new();
    for size in [64, 16, 4, 1] {
        while rows.len() >= size {
            let rest = rows.split_off(size);
            portions.push(std::mem::replace(&mut rows, rest));
        }
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_hold_every_row_in_order_and_come_in_few_sizes() {
        for count in 0..300 {
            let rows: Vec<_> = (0..count).collect();
            let portions = portions(rows.clone());
            assert_eq!(portions.concat(), rows);
            assert!(
                portions
                    .iter()
                    .all(|portion| [64, 16, 4, 1].contains(&portion.len()))
            );
        }
    }
}
