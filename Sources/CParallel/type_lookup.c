#define _GNU_SOURCE  // dl_iterate_phdr
#include "type_lookup.h"

#include <elf.h>
#include <link.h>
#include <string.h>

// Images.

static size_t round_up(size_t value, size_t alignment) { return (value + alignment - 1) & ~(alignment - 1); }

/// Looks for the build id among the notes of one segment. Sizes come from the file: none is believed.
static void find_build_id(parallel_image *image, const uint8_t *notes, size_t size, size_t alignment) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    memcpy(&header, notes, sizeof header);
    size_t content = round_up(sizeof header + header.n_namesz, alignment);
    size_t end = round_up(content + header.n_descsz, alignment);
    if (content + header.n_descsz > size) return;
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4 && header.n_descsz > 0
        && memcmp(notes + sizeof header, "GNU", 4) == 0) {
      image->build_id = notes + content;
      image->build_id_size = header.n_descsz;
      return;
    }
    if (end >= size) return;
    notes += end;
    size -= end;
  }
}

typedef struct {
  bool (*visit)(const parallel_image *, void *);
  void *context;
} image_visit;

static int visit_image(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  const image_visit *visitor = context;
  parallel_image image = {
      .bias = info->dlpi_addr, .low = UINTPTR_MAX, .path = info->dlpi_name ? info->dlpi_name : ""};
  for (ElfW(Half) index = 0; index < info->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[index];
    uintptr_t start = info->dlpi_addr + segment->p_vaddr;
    if (segment->p_type == PT_LOAD) {
      if (start < image.low) image.low = start;
      if (start + segment->p_memsz > image.high) image.high = start + segment->p_memsz;
    } else if (segment->p_type == PT_NOTE && !image.build_id) {
      find_build_id(&image, (const uint8_t *)start, segment->p_memsz, segment->p_align == 8 ? 8 : 4);
    }
  }
  return visitor->visit(&image, visitor->context) ? 0 : 1;
}

void parallel_visit_images(bool (*visit)(const parallel_image *, void *), void *context) {
  image_visit visitor = {visit, context};
  dl_iterate_phdr(visit_image, &visitor);
}

// Type records. The runtime keeps a list of every image's sections; this is the head of its entry, stable
// since the entries have a version (1).

typedef struct {
  uintptr_t start;
  size_t length;
} section_range;

typedef struct {
  uintptr_t version;
  const void *base;
  void *unused[2];
  section_range protocols;
  section_range conformances;
  section_range types;
} metadata_sections;

/// Weak: a runtime without it makes lookups by descriptor unsupported, not the program unlinkable.
__attribute__((weak)) extern void swift_enumerateAllMetadataSections(
    bool (*body)(const metadata_sections *, void *), void *context);

typedef struct {
  bool (*visit)(uintptr_t, size_t, void *);
  void *context;
} record_visit;

static bool visit_sections(const metadata_sections *sections, void *context) {
  const record_visit *visitor = context;
  if (sections->version < 1 || sections->types.length == 0) return true;
  return visitor->visit(sections->types.start, sections->types.length, visitor->context);
}

void parallel_visit_type_records(bool (*visit)(uintptr_t, size_t, void *), void *context) {
  if (!swift_enumerateAllMetadataSections) return;
  record_visit visitor = {visit, context};
  swift_enumerateAllMetadataSections(visit_sections, &visitor);
}

// Lookup.

/// Part of the runtime's stable interface to compiled code; it has Swift's calling convention.
__attribute__((swiftcall)) extern const void *swift_getTypeByMangledNameInContext(
    const char *name, size_t length, const void *context, const void *const *arguments);

const void *parallel_type_by_mangled_name(
    const uint8_t *name, size_t length, const void *context, const void *const *arguments) {
  return swift_getTypeByMangledNameInContext((const char *)name, length, context, arguments);
}
