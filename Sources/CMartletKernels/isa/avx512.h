// What the AVX-512 levels share: a tile of 14 rows by 32 columns fills 28 of 32 registers.
#define MK_LANES 16
#define MK_VECTORS 2
#define MK_ROWS 14
