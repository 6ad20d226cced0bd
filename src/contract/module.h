/* SPDX-License-Identifier: MIT */
/* The one symbol that a module exports. */
#pragma once

#include <stdint.h>

#define JW_MODULE_SYMBOL "jw_module"

struct jw_module {
	uint32_t abi;	 /* of the contract that it implements */
	const void *ops; /* that contract's struct, const, for the life of the process */
};
