// Original file: protos/tributary/v1/jobs.proto


export interface DescribeFederation {
}

export interface DescribeFederation__Output {
}
