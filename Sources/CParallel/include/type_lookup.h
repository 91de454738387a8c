#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// An ELF image of this process, as the dynamic linker sees it.
typedef struct {
  uintptr_t bias;  ///< what is added to the file's addresses
  uintptr_t low;   ///< the first address of its loaded segments
  uintptr_t high;  ///< the address behind the last one
  const char *_Nonnull path;
  const uint8_t *_Nullable build_id;
  size_t build_id_size;
} parallel_image;

/// Calls `visit` for each image, the executable first, until it returns false. The linker's lock is held
/// meanwhile, and the image's pointers are valid only inside the call.
void parallel_visit_images(
    bool (*_Nonnull visit)(const parallel_image *_Nonnull image, void *_Nonnull context),
    void *_Nonnull context);

/// Calls `visit` for each image's section of type records (32-bit relative pointers), until it returns false;
/// for none where the Swift runtime has no way to list them.
void parallel_visit_type_records(
    bool (*_Nonnull visit)(uintptr_t start, size_t length, void *_Nonnull context), void *_Nonnull context);

/// The runtime's own lookup: metadata of the type that `name` spells, its generic parameters replaced by
/// `arguments` as `context`, a type context descriptor, lays them out. Null where there is no such type.
/// `name` may hold symbolic references: never pass bytes that come from elsewhere.
const void *_Nullable parallel_type_by_mangled_name(
    const uint8_t *_Nonnull name, size_t length, const void *_Nullable context,
    const void *_Nullable const *_Nullable arguments);
