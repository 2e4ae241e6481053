//! In the making: `state`.
