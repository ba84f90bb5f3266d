using System.Buffers;
using System.Text.Json;
using Dense.Coco.Json;
using Dense.Coco.Masks;

namespace Dense.Coco.Annotations;

/// <summary>Reads the value of a "segmentation" field into the compact form.</summary>
internal sealed class SegmentationParser
{
    private readonly ArrayBufferWriter<byte> _encoded = new();
    private readonly ArrayBufferWriter<byte> _polygons = new();
    private readonly RunBuffer _ends = new();
    private double[] _values = new double[256];
    private byte[] _text = new byte[1024];
    private int _textLength;

    /// <summary>The last segmentation that was read; empty when there was none.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded.WrittenSpan;

    /// <summary>Forgets the last segmentation.</summary>
    public void Clear() => _encoded.ResetWrittenCount();

    /// <summary>Reads the value that follows the field's name.</summary>
    public void Read(ref JsonCursor json)
    {
        Clear();
        json.Read();
        switch (json.Token)
        {
            case JsonTokenType.StartArray:
                ReadPolygons(ref json);
                break;
            case JsonTokenType.StartObject:
                ReadRunLength(ref json);
                break;
            case JsonTokenType.Null:
                break;
            default:
                throw json.Unexpected("a list of polygons or an object with 'size' and 'counts'");
        }
    }

    private void ReadPolygons(ref JsonCursor json)
    {
        _polygons.ResetWrittenCount();
        int count = 0;
        while (json.NextElement())
        {
            json.Expect(JsonTokenType.StartArray, "a list of polygons, each a list [x1, y1, x2, y2, …]");
            SegmentationCodec.WritePolygon(_polygons, ReadNumbers(ref json));
            count++;
        }

        if (count == 0)
            return;

        SegmentationCodec.WritePolygonCount(_encoded, count);
        _encoded.Write(_polygons.WrittenSpan);
    }

    private ReadOnlySpan<double> ReadNumbers(ref JsonCursor json)
    {
        int count = 0;
        while (json.NextElement())
        {
            if (count == _values.Length)
                Array.Resize(ref _values, 2 * count);

            _values[count++] = json.Number();
        }

        return _values.AsSpan(0, count);
    }

    private void ReadRunLength(ref JsonCursor json)
    {
        (int Height, int Width)? size = null;
        bool hasCounts = false, isList = false;
        while (json.NextField())
        {
            if (json.NameIs("size"u8))
            {
                json.Read();
                size = ReadSize(ref json);
            }
            else if (json.NameIs("counts"u8))
            {
                json.Read();
                hasCounts = true;
                isList = json.Token == JsonTokenType.StartArray;
                ReadCounts(ref json);
            }
            else
                json.SkipValue();
        }

        if (size is not var (height, width) || !hasCounts)
        {
            throw json.Error("the run-length encoding has no 'size' or no 'counts'; expected {\"size\": [height, " +
                "width], \"counts\": …}");
        }

        if (isList)
            SegmentationCodec.WriteRunLength(_encoded, height, width, RunText.Encode(_ends.Span));
        else
            SegmentationCodec.WriteRunLength(_encoded, height, width, _text.AsSpan(0, _textLength));
    }

    private (int Height, int Width) ReadSize(ref JsonCursor json)
    {
        json.Expect(JsonTokenType.StartArray, "[height, width]");
        ReadOnlySpan<double> values = ReadNumbers(ref json);
        if (values is not [var height and >= 0 and <= int.MaxValue, var width and >= 0 and <= int.MaxValue])
            throw json.Error("'size' must be [height, width], two whole numbers of 0 or more");

        return ((int)height, (int)width);
    }

    private void ReadCounts(ref JsonCursor json)
    {
        if (json.Token == JsonTokenType.String)
        {
            if (json.Raw.Length > _text.Length)
                _text = new byte[Math.Max(2 * _text.Length, json.Raw.Length)];

            _textLength = json.CopyText(_text);
            return;
        }

        json.Expect(JsonTokenType.StartArray, "run lengths as a list or as compressed text");
        _ends.Truncate(0);
        long end = 0;
        while (json.NextElement())
        {
            long count = json.Integer();
            if (count is < 0 or > uint.MaxValue || (end += count) > uint.MaxValue)
                throw json.Error($"run length {count} is negative or leads beyond {uint.MaxValue} pixels");

            _ends.Add((uint)end);
        }
    }
}
