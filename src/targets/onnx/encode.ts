/** The bytes of an ONNX file. */
import protobuf from "protobufjs/light.js";
import type { OnnxAttribute } from "../../graph/operator.js";
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model.js";
import { ATTRIBUTE, DATA, ONNX_SCHEMA } from "./schema.js";

/** The first version of the format that has the opset; older readers refuse newer ones. */
const IR_VERSION = 9;

const modelProto = protobuf.Root.fromJSON(ONNX_SCHEMA).lookupType("ModelProto");

const attributeProto = ([name, attribute]: [string, OnnxAttribute]) => {
  if ("int" in attribute) return { name, type: ATTRIBUTE.int, i: attribute.int };
  if ("ints" in attribute) return { name, type: ATTRIBUTE.ints, ints: attribute.ints };
  if ("float" in attribute) return { name, type: ATTRIBUTE.float, f: attribute.float };
  return { name, type: ATTRIBUTE.string, s: new TextEncoder().encode(attribute.string) };
};

const nodeProto = ({ type, inputs, outputs, attributes }: OnnxNode) => ({
  name: outputs[0],
  opType: type,
  input: inputs,
  output: outputs,
  attribute: Object.entries(attributes).map(attributeProto),
});

const typeOf = (data: OnnxTensor["data"]): number =>
  data instanceof Float32Array ? DATA.float : DATA.int64;

const tensorProto = ({ name, shape, data }: OnnxTensor) => ({
  name,
  dims: shape,
  dataType: typeOf(data),
  // little-endian, as all machines are that Node runs on with ONNX Runtime
  rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

const valueProto = ({ name, shape, open = {} }: OnnxValue, elemType: number = DATA.float) => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: {
        dim: shape.map((dimValue, axis) =>
          open[axis] === undefined ? { dimValue } : { dimParam: open[axis] },
        ),
      },
    },
  },
});

/** The model in the format of `.onnx` files; the same model gives the same bytes. */
export const encodeOnnx = (model: OnnxModel): Uint8Array => {
  const defaults = new Set(model.defaults);
  const { buffer, byteOffset, byteLength } = modelProto
    .encode({
      irVersion: IR_VERSION,
      producerName: model.producer,
      opsetImport: [{ domain: "", version: model.opset }],
      metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: model.name,
        node: model.nodes.map(nodeProto),
        initializer: model.initializers.map(tensorProto),
        input: [
          ...model.inputs.map((input) => valueProto(input)),
          ...model.initializers
            .filter(({ name }) => defaults.has(name))
            .map((tensor) => valueProto(tensor, typeOf(tensor.data))),
        ],
        output: model.outputs.map((output) => valueProto(output)),
      },
    })
    .finish();
  return new Uint8Array(buffer, byteOffset, byteLength);
};
