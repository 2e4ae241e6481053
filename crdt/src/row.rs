//! In the making: `row`.
