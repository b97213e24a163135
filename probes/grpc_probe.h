// SPDX-License-Identifier: Apache-2.0
// A gRPC health check: one unary call of grpc.health.v1.Health/Check over HTTP/2, in clear by prior
// knowledge or over TLS by ALPN.
#pragma once

#include "probes/http_answer.h"
#include "probes/tools.h"

namespace nines::probes {

// `spec` must outlive the run. Outcome, total and limits are the caller's to judge.
Task<Failure> run_grpc(Run& run, Tools tools, const GrpcSpec& spec, ProbeResult& result);

// The verdict on an answer; `status` is what the health service or gRPC itself said.
Failure judge_health(const HttpAnswer& answer, std::string& status);

}  // namespace nines::probes
