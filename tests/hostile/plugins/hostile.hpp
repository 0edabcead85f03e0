// The frame around each hostile plugin: the bare C ABI, so that nothing catches what it does. HOSTILE_RUN is the body
// of run(); CMake gives HOSTILE_NAME.
#pragma once

#include <assay/plugin.h>

#include <cstring>

static assay_status hostile_run(const assay_trial* trial);

#ifndef HOSTILE_ID
#define HOSTILE_ID HOSTILE_NAME ".test"
#endif
#ifndef HOSTILE_BINDS
#define HOSTILE_BINDS "machine"
#endif
#ifndef HOSTILE_MAJOR
#define HOSTILE_MAJOR ASSAY_ABI_MAJOR
#endif
#ifndef HOSTILE_MINOR
#define HOSTILE_MINOR ASSAY_ABI_MINOR
#endif

namespace {

const assay_host* hostile_host = nullptr;

const char* const no_names[] = {nullptr};
const char* const measurement_names[] = {"count", nullptr};
const assay_test_description hostile_description{
    sizeof(assay_test_description), 0, HOSTILE_ID, HOSTILE_BINDS, no_names, measurement_names, no_names};
assay_test hostile_test{sizeof(assay_test),
                        0,
                        nullptr,
                        nullptr,
                        [](assay_test*, const assay_trial* trial) { return hostile_run(trial); },
                        nullptr,
                        [](assay_test*) {}};
const assay_test_factory hostile_factory{
    sizeof(assay_test_factory), 1, [](uint32_t index) { return index == 0 ? &hostile_description : nullptr; },
    [](const char* id) { return std::strcmp(id, HOSTILE_ID) == 0 ? &hostile_test : nullptr; }};

}  // namespace

extern "C" ASSAY_EXPORT const assay_entry assay_entry_v1;
const assay_entry assay_entry_v1{sizeof(assay_entry),
                                 HOSTILE_MAJOR,
                                 HOSTILE_MINOR,
                                 [](const assay_host* host) -> assay_status {
                                   hostile_host = host;
                                   return ASSAY_OK;
                                 },
                                 [] {},
                                 [](const char* id) -> const void* {
                                   return std::strcmp(id, ASSAY_TEST_FACTORY) == 0 ? &hostile_factory : nullptr;
                                 }};

#define HOSTILE_RUN static assay_status hostile_run([[maybe_unused]] const assay_trial* trial)
